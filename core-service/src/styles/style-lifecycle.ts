import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import { apiKeyIdOf, type Principal } from '../common/principal.js';
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

/** Much longer than creating a style takes: after that its maker has died. */
const PENDING_MS = 5 * 60_000;

export interface BegunStyle {
  style: CustomStyle;
  /** Available balance right after the hold, in tokens. */
  available: number;
}

/**
 * Every change of a style's status, with its tokens and its event in one transaction. An ending locks
 * the style first, then the account; the second of two endings changes nothing.
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

  /** @throws DomainError STYLE_QUOTA_EXCEEDED | INSUFFICIENT_TOKENS | KEY_BUDGET_EXCEEDED | UNAUTHENTICATED */
  async begin(principal: Principal, name: string): Promise<BegunStyle> {
    const { userId } = principal;
    const apiKeyId = apiKeyIdOf(principal);
    const { available: before } = await this.tokens.balance(userId);
    const price = this.pricing.ofStyle();
    const { CUSTOM_STYLES_PER_USER: most } = this.config;
    const id = uuid();
    return this.transaction.run(async (manager) => {
      await this.tokens.lock(manager, userId);
      // Counted under the lock, so that concurrent requests see each other.
      if ((await this.styles.count(manager, userId)) >= most) throw quotaExceeded(most);
      const pendingUntil = new Date(Date.now() + PENDING_MS);
      const row = { id, userId, apiKeyId, name, price, pendingUntil };
      const style = await this.styles.insert(manager, row);
      // A free style has no hold.
      if (price === 0) return { style, available: before };
      const hold = { userId, amount: price, styleId: id, expiresAt: pendingUntil, apiKeyId };
      return { style, available: await this.tokens.hold(manager, hold) };
    });
  }

  /**
   * @param bind part of the same transaction
   * @returns false if it had already ended
   */
  complete({ id, userId, price }: CustomStyle, code: StyleCode, bind: Bind): Promise<boolean> {
    return this.transaction.run(async (manager) => {
      if (!(await this.styles.makeReady(manager, id, code))) return false;
      await bind(manager, { styleId: id });
      const facts = { id, status: 'ready', price, previewUrl: `/v1/styles/${id}/preview` };
      await this.outbox.record(manager, { type: 'style.ready', userId, subjectId: id, facts });
      if (price > 0) await this.tokens.endHold(manager, { styleId: id }, 'settle');
      return true;
    });
  }

  /** @returns false if it had already ended */
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
    `An account has at most ${most} custom styles. Delete one first.`,
  );
}
