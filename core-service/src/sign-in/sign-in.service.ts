import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Session } from '../auth/auth.service.js';
import { PasswordCheck } from '../auth/password-check.js';
import { DomainError } from '../common/domain-error.js';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { NewSession } from './new-session.js';
import { PasskeysService } from './passkeys/passkeys.service.js';
import { invalidPasskey } from './passkeys/relying-party.js';
import { type SecondFactorNeeded, SecondFactorService } from './second-factor.service.js';

export type SignedIn = Session | SecondFactorNeeded;

/** The ways to sign in, up to a session or the second factor. */
@Injectable()
export class SignInService {
  constructor(
    private readonly users: UsersService,
    private readonly passwordCheck: PasswordCheck,
    private readonly passkeys: PasskeysService,
    private readonly secondFactor: SecondFactorService,
    private readonly newSession: NewSession,
  ) {}

  /** @throws DomainError INVALID_CREDENTIALS, the same and as late for an unknown e-mail. */
  async withPassword(email: string, password: string): Promise<SignedIn> {
    const user = await this.passwordCheck.ofEmail(email, password);
    const hold = (manager: EntityManager) => this.passwordCheck.hold(manager, user);
    return (await this.secondFactor.challenge(user)) ?? this.newSession.of(user, hold);
  }

  async withFirstFactor(user: User): Promise<SignedIn> {
    return (await this.secondFactor.challenge(user)) ?? this.newSession.of(user);
  }

  /**
   * A passkey is two factors: the device, and what it recognised its owner by.
   *
   * @throws DomainError INVALID_CHALLENGE | INVALID_PASSKEY
   */
  async withPasskey(response: AuthenticationResponseJSON): Promise<Session> {
    const user = await this.users.find(await this.passkeys.userOf(response));
    if (!user) throw invalidPasskey();
    return this.newSession.of(user);
  }
}

/** @throws DomainError SECOND_FACTOR_REQUIRED with the challenge */
export function sessionOf(signedIn: SignedIn): Session {
  if ('user' in signedIn) return signedIn;
  throw new DomainError(
    'SECOND_FACTOR_REQUIRED',
    'Send the challenge with a code of your authenticator app, a recovery code or a passkey to POST /v1/auth/second-factor.',
    { members: signedIn },
  );
}
