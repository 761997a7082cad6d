import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../../common/domain-error.js';
import { SecretBox } from '../../common/secret-box.js';
import { Transaction } from '../../database/transaction.js';
import type { User } from '../../users/user.js';
import { SecurityNotices } from '../security-notices.js';
import { hashOfRecoveryCode, newRecoveryCode, RECOVERY_CODES } from './recovery-code.js';
import { newSecret, otpauthUri, stepOf } from './totp.js';
import { TotpRepository, type TotpState } from './totp.repository.js';

/** What a person answers to be asked for the second factor. */
export interface SecondFactorAnswer {
  code?: string;
  recoveryCode?: string;
}
/** `blocked`: too many wrong codes; how long none is looked at, in seconds. */
export type Verdict = 'right' | 'wrong' | { blocked: number };

/** The second factor of an account: an authenticator app, with recovery codes for the day it is lost. */
@Injectable()
export class TotpService {
  constructor(
    private readonly totp: TotpRepository,
    private readonly transaction: Transaction,
    private readonly secrets: SecretBox,
    private readonly notices: SecurityNotices,
  ) {}

  isEnabled(userId: string): Promise<boolean> {
    return this.totp.isConfirmed(userId);
  }

  recoveryCodesLeft(userId: string): Promise<number> {
    return this.totp.countCodes(userId);
  }

  /**
   * A new secret, which counts once a code of it was seen.
   *
   * @throws DomainError TOTP_ENABLED
   */
  async begin({ id, email }: User): Promise<{ secret: string; uri: string }> {
    const secret = newSecret();
    if (!(await this.totp.begin(id, this.secrets.seal(secret, id))))
      throw new DomainError(
        'TOTP_ENABLED',
        'An authenticator app is set up already. Remove it before you set up another.',
      );
    return { secret, uri: otpauthUri(secret, email) };
  }

  /**
   * @returns the recovery codes, which are shown only now
   * @throws DomainError INVALID_CODE | TOTP_ENABLED | TOTP_NOT_ENABLED | RATE_LIMITED
   */
  confirm(userId: string, code: string): Promise<string[]> {
    return this.proven(userId, { code }, false, async (manager) => {
      await this.notices.send(manager, userId, 'An authenticator app was added to your account.');
      return this.newCodes(manager, userId);
    });
  }

  /** @throws DomainError INVALID_CODE | TOTP_NOT_ENABLED | RATE_LIMITED */
  remove(userId: string, answer: SecondFactorAnswer): Promise<void> {
    return this.proven(userId, answer, true, async (manager) => {
      await this.totp.remove(manager, userId);
      await this.notices.send(
        manager,
        userId,
        'The authenticator app was removed from your account.',
      );
    });
  }

  /** @throws DomainError INVALID_CODE | TOTP_NOT_ENABLED | RATE_LIMITED */
  renewRecoveryCodes(userId: string, answer: SecondFactorAnswer): Promise<string[]> {
    return this.proven(userId, answer, true, async (manager) => {
      await this.notices.send(manager, userId, 'New recovery codes were made for your account.');
      return this.newCodes(manager, userId);
    });
  }

  /**
   * Checks an answer and uses it up. The failure that it counts must be committed.
   *
   * @param manager of the transaction that acts on the verdict
   */
  async check(
    manager: EntityManager,
    userId: string,
    answer: SecondFactorAnswer,
  ): Promise<Verdict> {
    const state = await this.totp.lock(manager, userId);
    return state?.confirmed ? this.verdictOn(manager, userId, state, answer) : 'wrong';
  }

  private async verdictOn(
    manager: EntityManager,
    userId: string,
    state: TotpState,
    { code, recoveryCode }: SecondFactorAnswer,
  ): Promise<Verdict> {
    // Too long to guess, so nobody who knows the password can lock the owner out of these.
    if (recoveryCode !== undefined) {
      const hash = hashOfRecoveryCode(recoveryCode);
      return (await this.totp.useCode(manager, userId, hash)) ? 'right' : 'wrong';
    }
    if (code === undefined) return 'wrong';
    if (state.blockedSeconds > 0) return { blocked: state.blockedSeconds };
    const secret = this.secrets.open(state.sealedSecret, userId).toString();
    const step = await stepOf(code, secret);
    if (step === undefined || step <= state.lastStep) {
      await this.totp.countFailure(manager, userId);
      return 'wrong';
    }
    await this.totp.accept(manager, userId, step);
    return 'right';
  }

  private async proven<T>(
    userId: string,
    answer: SecondFactorAnswer,
    confirmed: boolean,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const outcome = await this.transaction.run(async (manager) => {
      const state = await this.totp.lock(manager, userId);
      if (!state || (confirmed && !state.confirmed)) return { refused: notEnabled() };
      if (!confirmed && state.confirmed) return { refused: alreadyEnabled() };
      const verdict = await this.verdictOn(manager, userId, state, answer);
      // Returned, not thrown: the count of failures has to be committed.
      if (verdict !== 'right') return { refused: refusalOf(verdict) };
      return { result: await work(manager) };
    });
    if (outcome.refused) throw outcome.refused;
    return outcome.result;
  }

  private async newCodes(manager: EntityManager, userId: string): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await this.totp.replaceCodes(manager, userId, codes.map(hashOfRecoveryCode));
    return codes;
  }
}

export function refusalOf(verdict: Exclude<Verdict, 'right'>): DomainError {
  if (verdict === 'wrong')
    return new DomainError(
      'INVALID_CODE',
      'The code is wrong, was used before, or is too old. Wait for the next one, and check the clock of your device.',
    );
  return new DomainError(
    'RATE_LIMITED',
    'Too many wrong codes. Wait, or use a recovery code or a passkey.',
    { retryAfterSeconds: verdict.blocked },
  );
}

function notEnabled(): DomainError {
  return new DomainError('TOTP_NOT_ENABLED', 'Set up an authenticator app first.');
}

function alreadyEnabled(): DomainError {
  return new DomainError('TOTP_ENABLED', 'This authenticator app is confirmed already.');
}
