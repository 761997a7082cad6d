import { Injectable } from '@nestjs/common';
import { PasswordCheck } from '../../auth/password-check.js';
import { RateLimiter } from '../../auth/rate-limiter.js';
import { invalid } from '../../common/domain-error.js';
import type { UserPrincipal } from '../../common/principal.js';
import { Reauthentication } from '../../sign-in/reauthentication.js';
import type { User } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';

/** A stolen access token is not enough to delete an account. */
@Injectable()
export class IdentityCheck {
  constructor(
    private readonly users: UsersService,
    private readonly passwordCheck: PasswordCheck,
    private readonly rateLimiter: RateLimiter,
    private readonly reauthentication: Reauthentication,
  ) {}

  /** @throws DomainError INVALID_CREDENTIALS, the same and as late for an unknown e-mail | RATE_LIMITED */
  ofEmail(address: string, email: string, password: string): Promise<User> {
    return this.rateLimiter.login(address, email, () =>
      this.passwordCheck.ofEmail(email, password),
    );
  }

  /**
   * @param password wanted from every account that has one
   * @throws DomainError VALIDATION_FAILED | INVALID_CREDENTIALS | REAUTHENTICATION_REQUIRED | RATE_LIMITED
   */
  async ofCaller(
    caller: UserPrincipal,
    address: string,
    password: string | undefined,
  ): Promise<User> {
    if (password === undefined && (await this.users.credentials(caller.userId))?.passwordHash)
      throw invalid('password', 'is missing');
    return this.reauthentication.require(caller, { address, password });
  }
}
