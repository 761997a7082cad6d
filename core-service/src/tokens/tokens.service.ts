import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction, violates } from '../database/transaction.js';
import type { Balance, HoldEnd, HoldPurpose } from './ledger.js';
import { type LedgerLine, LedgerRepository, type SystemBalances } from './ledger.repository.js';

const HOUR_MS = 3_600_000;

/** Moves tokens. Every method that takes a manager runs inside the caller's transaction. */
@Injectable()
export class TokensService {
  constructor(
    private readonly ledger: LedgerRepository,
    private readonly transaction: Transaction,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SIGN_UP_GRANT' | 'HOLD_HOURS'>,
  ) {}

  /** A new user's accounts, with the sign-up grant on them. */
  async openAccounts(manager: EntityManager, userId: string): Promise<void> {
    await this.ledger.openAccounts(manager, userId);
    const amount = this.config.SIGN_UP_GRANT;
    if (amount === 0) return;
    await this.ledger.transfer(manager, {
      kind: 'signup_grant',
      userId,
      amount,
      description: 'Sign-up grant',
    });
  }

  /**
   * An operator's gift.
   *
   * @param amount tokens, a positive whole number
   * @returns the available balance after it
   */
  grant(userId: string, amount: number, reason: string): Promise<number> {
    return this.transaction.run((manager) =>
      this.ledger.transfer(manager, {
        kind: 'admin_grant',
        userId,
        amount,
        description: reason,
      }),
    );
  }

  /**
   * Sets tokens aside for a transformation or a style.
   *
   * @param amount tokens, a positive whole number
   * @param expiresAt HOLD_HOURS from now unless said otherwise
   * @returns the available balance after it
   * @throws DomainError INSUFFICIENT_TOKENS
   */
  async hold(
    manager: EntityManager,
    {
      userId,
      amount,
      expiresAt = new Date(Date.now() + this.config.HOLD_HOURS * HOUR_MS),
      ...purpose
    }: { userId: string; amount: number; expiresAt?: Date } & HoldPurpose,
  ): Promise<number> {
    const description = `Set aside for a ${nounOf(purpose)}`;
    try {
      return await this.ledger.hold(manager, { userId, amount, purpose, expiresAt, description });
    } catch (error) {
      if (!violates(error, 'accounts_balance_not_negative')) throw error;
      throw new DomainError('INSUFFICIENT_TOKENS', `You are out of tokens: this costs ${amount}.`, {
        cause: error,
      });
    }
  }

  /** For what must see the user's other transactions first, such as a quota. */
  lock(manager: EntityManager, userId: string): Promise<void> {
    return this.ledger.lockAccounts(manager, userId);
  }

  /**
   * Ends the hold of a transformation or style, after its status was changed; the database refuses an
   * end that the status does not ask for, and a second one.
   */
  async endHold(manager: EntityManager, purpose: HoldPurpose, end: HoldEnd): Promise<void> {
    const description = end === 'settle' ? `Paid for a ${nounOf(purpose)}` : 'Refunded';
    await this.ledger.endHold(manager, purpose, end, description);
  }

  /** Transformations whose holds are past their time and still open. */
  expiredHolds(limit: number): Promise<string[]> {
    return this.ledger.expiredHolds(limit);
  }

  async balance(userId: string): Promise<Balance> {
    const balance = await this.ledger.balance(userId);
    if (!balance) throw new DomainError('UNAUTHENTICATED', 'The account is gone.');
    return balance;
  }

  /** @param before id of the last line of the page before */
  async lines(userId: string, limit: number, before?: string): Promise<Page<LedgerLine>> {
    return pageOf(await this.ledger.lines(userId, limit + 1, before), limit);
  }

  systemBalances(): Promise<SystemBalances> {
    return this.ledger.systemBalances();
  }
}

function nounOf(purpose: HoldPurpose): string {
  return 'styleId' in purpose ? 'style' : 'transformation';
}
