import { Injectable } from '@nestjs/common';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { EntityManager } from 'typeorm';
import type { Session } from '../auth/auth.service.js';
import { invalidChallenge, type Ticket, Tickets } from '../auth/tickets.js';
import type { DomainError, SECOND_FACTORS } from '../common/domain-error.js';
import { Transaction } from '../database/transaction.js';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { NewSession } from './new-session.js';
import { PasskeysService } from './passkeys/passkeys.service.js';
import { invalidPasskey } from './passkeys/relying-party.js';
import { refusalOf, type SecondFactorAnswer, TotpService } from './totp/totp.service.js';

/** The first factor was right, and the account wants a second. */
export interface SecondFactorNeeded {
  challenge: string;
  methods: (typeof SECOND_FACTORS)[number][];
}

const CHALLENGE_SECONDS = 300;
const WRONG_ANSWERS = 5;

/** Between the first factor and the session, for accounts with an authenticator app. */
@Injectable()
export class SecondFactorService {
  constructor(
    private readonly tickets: Tickets,
    private readonly totp: TotpService,
    private readonly passkeys: PasskeysService,
    private readonly users: UsersService,
    private readonly newSession: NewSession,
    private readonly transaction: Transaction,
  ) {}

  /** Undefined for an account without a second factor. */
  async challenge({ id: userId }: User): Promise<SecondFactorNeeded | undefined> {
    if (!(await this.totp.isEnabled(userId))) return undefined;
    const methods: SecondFactorNeeded['methods'] = ['totp'];
    if ((await this.totp.recoveryCodesLeft(userId)) > 0) methods.push('recovery-code');
    if ((await this.passkeys.list(userId)).length > 0) methods.push('passkey');
    const challenge = await this.tickets.issue('second-factor', CHALLENGE_SECONDS, { userId });
    return { challenge, methods };
  }

  /** @throws DomainError INVALID_CHALLENGE | INVALID_CODE | RATE_LIMITED */
  withCode(challenge: string, answer: SecondFactorAnswer): Promise<Session> {
    return this.answered(challenge, async (manager, userId) => {
      const verdict = await this.totp.check(manager, userId, answer);
      if (verdict === 'right') return undefined;
      return { refused: refusalOf(verdict), counts: verdict === 'wrong' };
    });
  }

  /** @throws DomainError INVALID_CHALLENGE | INVALID_PASSKEY */
  async withPasskey(challenge: string, passkey: AuthenticationResponseJSON): Promise<Session> {
    const owner = await this.passkeys.userOf(passkey);
    return this.answered(challenge, (_manager, userId) =>
      Promise.resolve(owner === userId ? undefined : { refused: invalidPasskey(), counts: true }),
    );
  }

  private async answered(
    challenge: string,
    check: (
      manager: EntityManager,
      userId: string,
    ) => Promise<{ refused: DomainError; counts: boolean } | undefined>,
  ): Promise<Session> {
    const outcome = await this.transaction.run(async (manager) => {
      const ticket = await this.tickets.lock(manager, 'second-factor', challenge);
      if (!ticket?.userId) return invalidChallenge();
      const refusal = await check(manager, ticket.userId);
      if (!refusal) return this.opened(manager, ticket, ticket.userId);
      if (refusal.counts) await this.tickets.countWrongAnswer(manager, ticket, WRONG_ANSWERS);
      // Returned, not thrown: what was counted has to be committed.
      return refusal.refused;
    });
    if (outcome instanceof Error) throw outcome;
    const user = await this.users.find(outcome.userId);
    if (!user) throw invalidChallenge();
    return { user, tokens: outcome.tokens };
  }

  private async opened(manager: EntityManager, { hash }: Ticket, userId: string) {
    await this.tickets.useUp(manager, hash);
    return { userId, tokens: await this.newSession.open(manager, userId) };
  }
}
