import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Scope } from '../common/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction } from '../database/transaction.js';
import { TokensService } from '../tokens/tokens.service.js';
import { type ApiKey, type Budget, hashOf, makeKey, prefixOf } from './api-key.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { LiveKeys } from './live-keys.js';

/** Longer than any hold of theirs can be open. */
const REVOKED_KEPT_MS = 90 * 86_400_000;
/** Keys of a user, revoked ones included, for each that may be live. */
const KEPT_FOR_EACH = 20;

export interface KeyRequest {
  name: string;
  scopes: Scope[];
  allowedAddresses?: string[];
  expiresAt?: Date;
  budget?: Partial<Budget>;
}

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly live: LiveKeys,
    private readonly tokens: TokensService,
    private readonly transaction: Transaction,
    @Inject(CONFIG) private readonly config: Pick<Config, 'API_KEYS_PER_USER'>,
  ) {}

  /**
   * @returns the key itself too, which is stored nowhere
   * @throws DomainError API_KEY_QUOTA_EXCEEDED
   */
  create(userId: string, request: KeyRequest): Promise<ApiKey & { key: string }> {
    const key = makeKey();
    const row = {
      id: uuid(),
      userId,
      name: request.name,
      prefix: prefixOf(key),
      hash: hashOf(key),
      scopes: [...new Set(request.scopes)],
      allowedAddresses: request.allowedAddresses ?? [],
      expiresAt: request.expiresAt,
      budget: { perDay: request.budget?.perDay, total: request.budget?.total },
    };
    return this.transaction.run(async (manager) => {
      // Counted under the lock, so that concurrent requests see each other.
      await this.tokens.lock(manager, userId);
      await this.keys.deleteRevokedBefore(manager, userId, new Date(Date.now() - REVOKED_KEPT_MS));
      this.assertRoom(await this.keys.count(manager, userId));
      await this.keys.insert(manager, row);
      return { ...((await this.keys.find(manager, row.id)) as ApiKey), key };
    });
  }

  /** Newest first. @param before id of the last key of the page before */
  async list(userId: string, limit: number, before?: string): Promise<Page<ApiKey>> {
    return pageOf(await this.keys.list(userId, limit + 1, before), limit);
  }

  /** @throws DomainError NOT_FOUND */
  async revoke(userId: string, id: string): Promise<void> {
    const hash = await this.keys.revoke(userId, id);
    if (!hash) throw new DomainError('NOT_FOUND', 'There is no such API key.');
    this.live.forget(hash);
  }

  private assertRoom({ live, all }: { live: number; all: number }): void {
    const { API_KEYS_PER_USER: most } = this.config;
    if (live >= most)
      throw new DomainError(
        'API_KEY_QUOTA_EXCEEDED',
        `An account has at most ${most} API keys. Revoke one first.`,
      );
    if (all >= most * KEPT_FOR_EACH)
      throw new DomainError(
        'API_KEY_QUOTA_EXCEEDED',
        'This account made and revoked very many API keys. Wait some days before you make another.',
      );
  }
}
