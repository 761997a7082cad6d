import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PasswordCheck } from '../../auth/password-check.js';
import { RateLimiter } from '../../auth/rate-limiter.js';
import { DomainError, invalid } from '../../common/domain-error.js';
import type { UserPrincipal } from '../../common/principal.js';
import type { User } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';

/** For how long after a sign-in it stands in for the password of an account that has none. */
const FRESH_MINUTES = 10;

/** A stolen access token is not enough to delete an account. */
@Injectable()
export class IdentityCheck {
  constructor(
    private readonly users: UsersService,
    private readonly passwordCheck: PasswordCheck,
    private readonly rateLimiter: RateLimiter,
    private readonly dataSource: DataSource,
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
    { userId, sessionId }: UserPrincipal,
    address: string,
    password: string | undefined,
  ): Promise<User> {
    const user = await this.users.find(userId);
    if (!user) throw new DomainError('UNAUTHENTICATED', 'The account no longer exists.');
    if (password !== undefined) return this.ofEmail(address, user.email, password);
    if ((await this.users.credentialsOf(user.email))?.passwordHash)
      throw invalid('password', 'is missing');
    if (!(await this.isFresh(sessionId)))
      throw new DomainError(
        'REAUTHENTICATION_REQUIRED',
        `Sign in again, and repeat this within ${FRESH_MINUTES} minutes.`,
      );
    return user;
  }

  private async isFresh(sessionId: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT FROM sessions WHERE id = $1 AND created_at > now() - make_interval(mins => $2)`,
      [sessionId, FRESH_MINUTES],
    );
    return rows.length > 0;
  }
}
