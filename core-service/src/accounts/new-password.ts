import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PasswordHasher } from '../auth/password-hasher.js';
import { assertPasswordAllowed } from '../auth/password-policy.js';
import { SessionsService } from '../auth/sessions.service.js';
import { DomainError } from '../common/domain-error.js';
import { UsersService } from '../users/users.service.js';
import { EmailChanges } from './email-changes.js';
import { AccountMail } from './mails/account-mail.js';
import { OneTimeTokens } from './verification/one-time-tokens.js';

/** What goes with every new password, however it was set. */
@Injectable()
export class NewPassword {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly sessions: SessionsService,
    private readonly tokens: OneTimeTokens,
    private readonly emailChanges: EmailChanges,
    private readonly mail: AccountMail,
  ) {}

  /**
   * Outside of transactions, since it takes long.
   *
   * @throws DomainError WEAK_PASSWORD
   */
  hash(password: string, email: string, field?: string): Promise<string> {
    assertPasswordAllowed(password, email, field);
    return this.passwords.hash(password);
  }

  /**
   * Ends sessions and everything else that was started with the old password; tells the user.
   *
   * @param keep the session that stays
   */
  async set(manager: EntityManager, userId: string, hash: string, keep?: string): Promise<void> {
    const user = await this.users.setPassword(manager, userId, hash);
    if (!user) throw new DomainError('UNAUTHENTICATED', 'The account no longer exists.');
    await this.sessions.endAll(manager, userId, keep);
    await this.tokens.revoke(manager, userId, 'reset-password');
    await this.emailChanges.cancel(manager, userId);
    await this.mail.passwordChanged(manager, user.email);
  }
}
