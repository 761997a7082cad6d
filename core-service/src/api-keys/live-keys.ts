import { Injectable, Logger } from '@nestjs/common';
import type { ApiKeyPrincipal } from '../common/principal.js';
import { DomainError } from '../common/domain-error.js';
import { isAllowed } from './addresses.js';
import { hashOf, isWellFormed } from './api-key.js';
import { ApiKeysRepository, type KeyInUse } from './api-keys.repository.js';

/** How long after its revocation, at most, another process still takes a key. */
const REMEMBERED_MS = 5_000;
const MAX_REMEMBERED = 10_000;
const USE_WRITTEN_EVERY_MS = 60_000;

/** What a key is good for: one query per key, process and five seconds. */
@Injectable()
export class LiveKeys {
  private readonly logger = new Logger(LiveKeys.name);
  /** By hash in hexadecimal, oldest first. */
  private readonly known = new Map<string, { until: number; key: Promise<KeyInUse | undefined> }>();

  constructor(private readonly keys: ApiKeysRepository) {}

  /** @throws DomainError UNAUTHENTICATED | ADDRESS_NOT_ALLOWED | ACCOUNT_SUSPENDED */
  async principalOf(text: string, address: string): Promise<ApiKeyPrincipal> {
    // A wrong checksum costs no query.
    const key = isWellFormed(text) ? await this.find(hashOf(text)) : undefined;
    if (!key || (key.expiresAt && key.expiresAt.getTime() <= Date.now()))
      throw new DomainError(
        'UNAUTHENTICATED',
        'The API key is unknown or revoked, or has expired. Make a new one: POST /v1/api-keys.',
      );
    if (key.suspended)
      throw new DomainError('ACCOUNT_SUSPENDED', 'The account is suspended. Write to our support.');
    if (!isAllowed(address, key.allowedAddresses))
      throw new DomainError(
        'ADDRESS_NOT_ALLOWED',
        `The API key may not be used from ${address}. Its allowedAddresses say from where.`,
      );
    this.noteUse(key);
    return { kind: 'api-key', userId: key.userId, apiKeyId: key.id, scopes: key.scopes };
  }

  /** After a key was revoked. */
  forget(hash: Buffer): void {
    this.known.delete(hash.toString('hex'));
  }

  /** After a user was suspended. */
  forgetAll(): void {
    this.known.clear();
  }

  private find(hash: Buffer): Promise<KeyInUse | undefined> {
    const name = hash.toString('hex');
    const known = this.known.get(name);
    if (known && known.until > Date.now()) return known.key;
    this.known.delete(name);
    if (this.known.size >= MAX_REMEMBERED)
      this.known.delete(this.known.keys().next().value as string);
    const key = this.keys.findInUse(hash);
    this.known.set(name, { until: Date.now() + REMEMBERED_MS, key });
    // A failure is not an answer to remember.
    key.catch(() => this.known.delete(name));
    return key;
  }

  /** Nobody waits for it. */
  private noteUse(key: KeyInUse): void {
    const now = Date.now();
    if (key.lastUsedAt && now - key.lastUsedAt.getTime() < USE_WRITTEN_EVERY_MS) return;
    key.lastUsedAt = new Date(now);
    this.keys.markUsed(key.id).catch((error) => this.logger.error(error));
  }
}
