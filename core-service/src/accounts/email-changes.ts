import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { invalid } from '../common/domain-error.js';
import { type Checked, PasswordCheck } from '../auth/password-check.js';
import { Transaction } from '../database/transaction.js';
import { normaliseEmail } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { AccountMail } from './mails/account-mail.js';
import { EmailChangesRepository } from './verification/email-changes.repository.js';
import { EmailVerification } from './verification/email-verification.js';
import { invalidToken, OneTimeTokens, TOKEN_HOURS } from './verification/one-time-tokens.js';

const HOUR_MS = 3_600_000;

/**
 * An account moves to another address when both addresses have confirmed it, so neither somebody at an open
 * session nor a typing error can take it away.
 */
@Injectable()
export class EmailChanges {
  constructor(
    private readonly changes: EmailChangesRepository,
    private readonly tokens: OneTimeTokens,
    private readonly verification: EmailVerification,
    private readonly mail: AccountMail,
    private readonly users: UsersService,
    private readonly passwordCheck: PasswordCheck,
    private readonly transaction: Transaction,
  ) {}

  /**
   * The same for an address with and without an account: only its owner learns of one, by confirming.
   *
   * @throws DomainError VALIDATION_FAILED for the address that the account has
   */
  async begin(user: Checked, email: string): Promise<void> {
    const newEmail = normaliseEmail(email);
    if (newEmail === user.email) throw invalid('email', 'is already the address of your account');
    const expiresAt = new Date(Date.now() + TOKEN_HOURS['confirm-new-email'] * HOUR_MS);
    await this.transaction.run(async (manager) => {
      await this.passwordCheck.hold(manager, user);
      const grant = { userId: user.id, email: user.email };
      const issue = (purpose: 'confirm-old-email' | 'confirm-new-email') =>
        this.tokens.issue(manager, { ...grant, purpose });
      await this.changes.put(manager, { userId: user.id, newEmail, expiresAt });
      const [old, fresh] = [await issue('confirm-old-email'), await issue('confirm-new-email')];
      await this.mail.confirmOldAddress(manager, user.email, newEmail, old);
      await this.mail.confirmNewAddress(manager, newEmail, user.email, fresh);
    });
  }

  /**
   * @returns whether the account has moved: both addresses have confirmed
   * @throws DomainError INVALID_TOKEN | EMAIL_TAKEN
   */
  confirm(token: string): Promise<boolean> {
    return this.transaction.run(async (manager) => {
      const { userId, purpose, email } = await this.tokens.use(
        manager,
        token,
        'confirm-old-email',
        'confirm-new-email',
      );
      const by = purpose === 'confirm-old-email' ? 'old' : 'new';
      const change = await this.changes.confirm(manager, userId, by);
      if (!change) throw invalidToken();
      if (!change.oldConfirmed || !change.newConfirmed) return false;
      await this.users.setEmail(manager, userId, change.newEmail);
      await this.verification.markVerified(manager, userId, change.newEmail);
      await this.cancel(manager, userId);
      // They went to the old address.
      await this.tokens.revoke(manager, userId, 'verify-email', 'reset-password');
      await this.mail.addressChanged(manager, email, change.newEmail);
      return true;
    });
  }

  /** A new password cancels what was asked for under the old one. */
  async cancel(manager: EntityManager, userId: string): Promise<void> {
    await this.tokens.revoke(manager, userId, 'confirm-old-email', 'confirm-new-email');
    await this.changes.delete(manager, userId);
  }
}
