import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Session } from '../auth/auth.service.js';
import { PasswordHasher } from '../auth/password-hasher.js';
import { SessionsService, type TokenPair } from '../auth/sessions.service.js';
import { DomainError, type SECOND_FACTORS } from '../common/domain-error.js';
import { Transaction } from '../database/transaction.js';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { invalidChallenge, Tickets } from '../auth/tickets.js';
import { refusalOf, type SecondFactorAnswer, TotpService } from './totp/totp.service.js';

/** The first factor was right, and the account wants a second. */
export interface SecondFactorNeeded {
  challenge: string;
  methods: (typeof SECOND_FACTORS)[number][];
}
export type SignedIn = Session | SecondFactorNeeded;

const CHALLENGE_SECONDS = 300;
const WRONG_ANSWERS = 5;

/** The last steps of every way to sign in. */
@Injectable()
export class SignInService {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly sessions: SessionsService,
    private readonly transaction: Transaction,
    private readonly tickets: Tickets,
    private readonly totp: TotpService,
  ) {}

  /** @throws DomainError INVALID_CREDENTIALS, the same and as late for an unknown e-mail. */
  async withPassword(email: string, password: string): Promise<SignedIn> {
    const user = await this.users.credentialsOf(email);
    const matches = await this.passwords.matches(password, user?.passwordHash ?? undefined);
    if (!user || !matches)
      throw new DomainError('INVALID_CREDENTIALS', 'E-mail or password is wrong.');
    return this.withFirstFactor(user);
  }

  /** A session, unless the account has a second factor. */
  async withFirstFactor(user: User): Promise<SignedIn> {
    if (!(await this.totp.isEnabled(user.id))) return this.withAllFactors(user);
    const challenge = await this.tickets.issue('second-factor', CHALLENGE_SECONDS, {
      userId: user.id,
    });
    const codes = await this.totp.recoveryCodesLeft(user.id);
    return { challenge, methods: ['totp', ...(codes > 0 ? (['recovery-code'] as const) : [])] };
  }

  /** @throws DomainError INVALID_CHALLENGE | INVALID_CODE | RATE_LIMITED */
  async withSecondFactor(challenge: string, answer: SecondFactorAnswer): Promise<Session> {
    const outcome = await this.transaction.run(async (manager) => {
      const ticket = await this.tickets.lock(manager, 'second-factor', challenge);
      if (!ticket?.userId) return { refused: invalidChallenge() };
      const verdict = await this.totp.check(manager, ticket.userId, answer);
      if (verdict === 'wrong') await this.tickets.countWrongAnswer(manager, ticket, WRONG_ANSWERS);
      // Returned, not thrown: what was counted has to be committed.
      if (verdict !== 'right') return { refused: refusalOf(verdict) };
      await this.tickets.useUp(manager, ticket.hash);
      return { userId: ticket.userId, tokens: await this.open(manager, ticket.userId) };
    });
    if (outcome.refused) throw outcome.refused;
    const user = await this.users.find(outcome.userId);
    if (!user) throw invalidChallenge();
    return { user, tokens: outcome.tokens };
  }

  async withAllFactors(user: User): Promise<Session> {
    return { user, tokens: await this.transaction.run((manager) => this.open(manager, user.id)) };
  }

  /** The one place where a sign-in opens a session. */
  private open(manager: EntityManager, userId: string): Promise<TokenPair> {
    return this.sessions.open(manager, userId);
  }
}

/** @throws DomainError SECOND_FACTOR_REQUIRED with the challenge */
export function sessionOf(signedIn: SignedIn): Session {
  if ('user' in signedIn) return signedIn;
  throw new DomainError(
    'SECOND_FACTOR_REQUIRED',
    'Send the challenge with a code of your authenticator app, or a recovery code, to POST /v1/auth/second-factor.',
    { members: signedIn },
  );
}
