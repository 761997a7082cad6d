import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction } from '../database/transaction.js';
import type { StyleCode } from '../inference/inference.js';
import { TokensService } from '../tokens/tokens.service.js';
import type { CustomStyle } from './custom-style.js';
import { CustomStylesRepository } from './custom-styles.repository.js';

/** Much longer than a style takes: after that its maker died, and nobody else would end it. */
const PENDING_MS = 5 * 60_000;

export interface BegunStyle {
  style: CustomStyle;
  /** Available balance right after the hold, in tokens. */
  available: number;
}

/**
 * Beginning and ends of a style, each with its tokens in one transaction. An end locks the style first,
 * then the account; the second of two finds it ended and changes nothing.
 */
@Injectable()
export class StyleLifecycle {
  constructor(
    private readonly styles: CustomStylesRepository,
    private readonly tokens: TokensService,
    private readonly transaction: Transaction,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'STYLE_PRICE_TOKENS' | 'CUSTOM_STYLES_PER_USER'>,
  ) {}

  /** @throws DomainError STYLE_QUOTA_EXCEEDED | INSUFFICIENT_TOKENS | UNAUTHENTICATED */
  async begin(userId: string, name: string): Promise<BegunStyle> {
    const { available: before } = await this.tokens.balance(userId);
    const { STYLE_PRICE_TOKENS: price, CUSTOM_STYLES_PER_USER: most } = this.config;
    const id = uuid();
    return this.transaction.run(async (manager) => {
      await this.tokens.lock(manager, userId);
      // Counted under the lock: of two at once the second sees the first.
      if ((await this.styles.count(manager, userId)) >= most) throw quotaExceeded(most);
      const pendingUntil = new Date(Date.now() + PENDING_MS);
      const style = await this.styles.insert(manager, { id, userId, name, price, pendingUntil });
      // What is free has no hold.
      if (price === 0) return { style, available: before };
      const hold = { userId, amount: price, styleId: id, expiresAt: pendingUntil };
      return { style, available: await this.tokens.hold(manager, hold) };
    });
  }

  /**
   * False: it had ended before.
   *
   * @param alongside further work of the same transaction
   */
  complete(
    { id, price }: CustomStyle,
    code: StyleCode,
    alongside: (manager: EntityManager, id: string) => Promise<void>,
  ): Promise<boolean> {
    return this.transaction.run(async (manager) => {
      const ended = await this.styles.makeReady(manager, id, code);
      if (ended && price > 0) await this.tokens.endHold(manager, { styleId: id }, 'settle');
      if (ended) await alongside(manager, id);
      return ended;
    });
  }

  /** False: it had ended before. */
  fail({ id, price }: CustomStyle): Promise<boolean> {
    return this.transaction.run(async (manager) => {
      const ended = await this.styles.fail(manager, id);
      if (ended && price > 0) await this.tokens.endHold(manager, { styleId: id }, 'release');
      return ended;
    });
  }
}

function quotaExceeded(most: number): DomainError {
  return new DomainError(
    'STYLE_QUOTA_EXCEEDED',
    `An account has ${most} styles of its own at most. Delete one first.`,
  );
}
