import { Injectable } from '@nestjs/common';
import { PasswordCheck } from '../auth/password-check.js';
import type { UserPrincipal } from '../common/principal.js';
import { Transaction } from '../database/transaction.js';
import { NewPassword } from './new-password.js';
import { EmailVerification } from './verification/email-verification.js';
import { OneTimeTokens } from './verification/one-time-tokens.js';

/** Setting a password with a mail, or with the old one. */
@Injectable()
export class Passwords {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly verification: EmailVerification,
    private readonly check: PasswordCheck,
    private readonly newPassword: NewPassword,
    private readonly transaction: Transaction,
  ) {}

  /**
   * Ends all sessions. The address is verified too: the token came there.
   *
   * @throws DomainError INVALID_TOKEN | WEAK_PASSWORD, after which the token is still good
   */
  async reset(token: string, password: string): Promise<{ email: string }> {
    // Checked first, since hashing is expensive.
    const { email } = await this.tokens.look(token, 'reset-password');
    const hash = await this.newPassword.hash(password, email);
    return this.transaction.run(async (manager) => {
      const { userId, email } = await this.tokens.use(manager, token, 'reset-password');
      await this.newPassword.set(manager, userId, hash);
      await this.verification.markVerified(manager, userId, email);
      return { email };
    });
  }

  /**
   * Ends all other sessions.
   *
   * @throws DomainError INVALID_CREDENTIALS | WEAK_PASSWORD
   */
  async change(
    { userId, sessionId }: UserPrincipal,
    { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
  ): Promise<void> {
    const user = await this.check.ofUser(userId, currentPassword);
    const hash = await this.newPassword.hash(newPassword, user.email, 'newPassword');
    await this.transaction.run(async (manager) => {
      await this.check.hold(manager, user);
      await this.newPassword.set(manager, userId, hash, sessionId);
    });
  }
}
