import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction } from '../database/transaction.js';
import { Outbox } from '../events/outbox.js';
import type { Bind } from '../idempotency/idempotency.js';
import type { StyleCode } from '../inference/inference.js';
import { Pricing } from '../pricing/pricing.service.js';
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
    private readonly outbox: Outbox,
    private readonly pricing: Pricing,
    @Inject(CONFIG) private readonly config: Pick<Config, 'CUSTOM_STYLES_PER_USER'>,
  ) {}

  /** @throws DomainError STYLE_QUOTA_EXCEEDED | INSUFFICIENT_TOKENS | UNAUTHENTICATED */
  async begin(userId: string, name: string): Promise<BegunStyle> {
    const { available: before } = await this.tokens.balance(userId);
    const price = this.pricing.ofStyle();
    const { CUSTOM_STYLES_PER_USER: most } = this.config;
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
   * @param bind part of the same transaction
   */
  complete({ id, userId, price }: CustomStyle, code: StyleCode, bind: Bind): Promise<boolean> {
    return this.transaction.run(async (manager) => {
      if (!(await this.styles.makeReady(manager, id, code))) return false;
      await bind(manager, { styleId: id });
      await this.outbox.record(manager, { type: 'style.ready', userId, subjectId: id });
      if (price > 0) await this.tokens.endHold(manager, { styleId: id }, 'settle');
      return true;
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
