import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction, violates } from '../database/transaction.js';
import { Outbox } from '../events/outbox.js';
import type { Balance, HoldEnd, HoldPurpose, TrialBalance } from './ledger.js';
import { type LedgerLine, LedgerRepository, type SystemBalances } from './ledger.repository.js';

const HOUR_MS = 3_600_000;

/** Moves tokens. Every method that takes a manager runs inside the caller's transaction. */
@Injectable()
export class TokensService {
  constructor(
    private readonly ledger: LedgerRepository,
    private readonly transaction: Transaction,
    private readonly outbox: Outbox,
    @Inject(CONFIG)
    private readonly config: Pick<
      Config,
      'SIGN_UP_GRANT' | 'SIGN_UP_GRANT_AT' | 'HOLD_HOURS' | 'TOKENS_LOW_BELOW'
    >,
  ) {}

  /** Opens a new user's accounts, with the sign-up grant if it is due. */
  async openAccounts(
    manager: EntityManager,
    userId: string,
    { emailVerified = false } = {},
  ): Promise<void> {
    await this.ledger.openAccounts(manager, userId);
    if (this.config.SIGN_UP_GRANT_AT === 'registration' || emailVerified)
      await this.grantSignUp(manager, userId);
  }

  /** To be called once, in the transaction that marks the user's first address as verified. */
  async emailVerified(manager: EntityManager, userId: string): Promise<void> {
    // Somebody who registered under another SIGN_UP_GRANT_AT has had it.
    if (this.config.SIGN_UP_GRANT_AT === 'registration') return;
    if (!(await this.ledger.hasSignUpGrant(manager, userId)))
      await this.grantSignUp(manager, userId);
  }

  private async grantSignUp(manager: EntityManager, userId: string): Promise<void> {
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
   * Tokens from an operator.
   *
   * @param amount tokens, a positive whole number
   * @returns the available balance after it
   */
  grant(userId: string, amount: number, reason: string): Promise<number> {
    return this.transaction.run((manager) => this.grantWithin(manager, userId, amount, reason));
  }

  /** @see grant */
  grantWithin(
    manager: EntityManager,
    userId: string,
    amount: number,
    reason: string,
  ): Promise<number> {
    const kind = 'admin_grant';
    return this.ledger.transfer(manager, { kind, userId, amount, description: reason });
  }

  /** Tokens that were paid for. Pays debts first. */
  async buy(manager: EntityManager, userId: string, amount: number, description: string) {
    await this.ledger.transfer(manager, { kind: 'purchase', userId, amount, description });
  }

  /**
   * Takes back tokens whose money went back. What is already spent becomes a debt: the next tokens that
   * come in pay it.
   */
  async takeBack(
    manager: EntityManager,
    userId: string,
    amount: number,
    { purchaseId, reason }: { purchaseId: string; reason: string },
  ): Promise<void> {
    await this.ledger.takeBack(manager, { userId, amount, purchaseId, description: reason });
  }

  /**
   * Holds tokens for a transformation or a style.
   *
   * @param amount tokens, a positive whole number
   * @param expiresAt default: HOLD_HOURS from now
   * @param apiKeyId whose budget it counts against
   * @returns the available balance after it
   * @throws DomainError INSUFFICIENT_TOKENS | KEY_BUDGET_EXCEEDED
   */
  async hold(
    manager: EntityManager,
    {
      userId,
      amount,
      expiresAt = new Date(Date.now() + this.config.HOLD_HOURS * HOUR_MS),
      apiKeyId,
      ...purpose
    }: { userId: string; amount: number; expiresAt?: Date; apiKeyId?: string } & HoldPurpose,
  ): Promise<number> {
    const description = `Held for a ${nounOf(purpose)}`;
    try {
      const hold = { userId, amount, purpose, expiresAt, description, apiKeyId };
      const available = await this.ledger.hold(manager, hold);
      await this.recordLow(manager, userId, { available, before: available + amount });
      return available;
    } catch (error) {
      if (violates(error, 'api_key_budget_per_day'))
        throw overBudget(`for today; it starts anew at midnight UTC`, amount, error);
      if (violates(error, 'api_key_budget_in_all'))
        throw overBudget('as a whole; make another key', amount, error);
      if (!violates(error, 'accounts_balance_not_negative')) throw error;
      throw new DomainError('INSUFFICIENT_TOKENS', `You are out of tokens: this costs ${amount}.`, {
        cause: error,
      });
    }
  }

  /** Once for each time the balance falls below the threshold, not for every hold below it. */
  private async recordLow(
    manager: EntityManager,
    userId: string,
    { available, before }: { available: number; before: number },
  ): Promise<void> {
    const { TOKENS_LOW_BELOW: threshold } = this.config;
    if (available >= threshold || before < threshold) return;
    const data = { available, threshold };
    await this.outbox.record(manager, { type: 'tokens.low', userId, subjectId: userId, data });
  }

  /** Locks the user's accounts, for checks that must see the user's other transactions, such as a quota. */
  lock(manager: EntityManager, userId: string): Promise<void> {
    return this.ledger.lockAccounts(manager, userId);
  }

  /**
   * Ends the hold of a transformation or style after its status changed. The database rejects an ending
   * that does not match the status, and a second ending.
   */
  async endHold(manager: EntityManager, purpose: HoldPurpose, end: HoldEnd): Promise<void> {
    const description = end === 'settle' ? `Paid for a ${nounOf(purpose)}` : 'Refunded';
    await this.ledger.endHold(manager, purpose, end, description);
  }

  /** Transformations whose holds have expired and are still open. */
  expiredHolds(limit: number): Promise<string[]> {
    return this.ledger.expiredHolds(limit);
  }

  async balance(userId: string): Promise<Balance> {
    const balance = await this.ledger.balance(userId);
    if (!balance) throw new DomainError('UNAUTHENTICATED', 'The account no longer exists.');
    return balance;
  }

  /** @param before id of the last line of the page before */
  async lines(userId: string, limit: number, before?: string): Promise<Page<LedgerLine>> {
    return pageOf(await this.ledger.lines(userId, limit + 1, before), limit);
  }

  trialBalance(): Promise<TrialBalance> {
    return this.ledger.trialBalance();
  }

  systemBalances(): Promise<SystemBalances> {
    return this.ledger.systemBalances();
  }
}

function overBudget(which: string, amount: number, cause: unknown): DomainError {
  return new DomainError(
    'KEY_BUDGET_EXCEEDED',
    `This costs ${amount}, more than is left of the API key's budget ${which}.`,
    { cause },
  );
}

function nounOf(purpose: HoldPurpose): string {
  return 'styleId' in purpose ? 'style' : 'transformation';
}
