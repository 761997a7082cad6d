import { Injectable } from '@nestjs/common';
import { PasswordCheck } from '../auth/password-check.js';
import { RateLimiter } from '../auth/rate-limiter.js';
import { DomainError } from '../common/domain-error.js';
import type { UserPrincipal } from '../common/principal.js';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { SignInRepository } from './sign-in.repository.js';

/** For how long after a sign-in its session may change how the account is signed in to. */
const FRESH_MINUTES = 10;

/** A stolen access token must not be enough to add or remove a way to sign in. */
@Injectable()
export class Reauthentication {
  constructor(
    private readonly users: UsersService,
    private readonly passwordCheck: PasswordCheck,
    private readonly rateLimiter: RateLimiter,
    private readonly signIns: SignInRepository,
  ) {}

  /**
   * @param password the account's, unless the session is fresh
   * @throws DomainError INVALID_CREDENTIALS | REAUTHENTICATION_REQUIRED | RATE_LIMITED
   */
  async require(
    { userId, sessionId }: UserPrincipal,
    { address, password }: { address: string; password?: string },
  ): Promise<User> {
    const user = await this.users.find(userId);
    if (!user) throw new DomainError('UNAUTHENTICATED', 'The account no longer exists.');
    if (password !== undefined)
      await this.rateLimiter.login(address, user.email, () =>
        this.passwordCheck.ofUser(userId, password),
      );
    else if (!(await this.signIns.isYounger(sessionId, FRESH_MINUTES)))
      throw new DomainError(
        'REAUTHENTICATION_REQUIRED',
        `Send your password, or sign in again and repeat this within ${FRESH_MINUTES} minutes.`,
      );
    return user;
  }
}
