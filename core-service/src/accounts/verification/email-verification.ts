import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Transaction } from '../../database/transaction.js';
import { TokensService } from '../../tokens/tokens.service.js';
import type { User } from '../../users/user.js';
import { UsersService } from '../../users/users.service.js';
import { AccountMail } from '../mails/account-mail.js';
import { OneTimeTokens } from './one-time-tokens.js';

/** Proves that a user reads the mail of their address. */
@Injectable()
export class EmailVerification {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly mail: AccountMail,
    private readonly users: UsersService,
    private readonly ledger: TokensService,
    private readonly transaction: Transaction,
  ) {}

  /** Sends the mail, unless the address is verified. */
  async begin(manager: EntityManager, user: User): Promise<void> {
    if (user.emailVerified) return;
    const grant = { userId: user.id, purpose: 'verify-email', email: user.email } as const;
    await this.mail.verification(manager, user.email, await this.tokens.issue(manager, grant));
  }

  /** @throws DomainError INVALID_TOKEN */
  async complete(token: string): Promise<void> {
    await this.transaction.run(async (manager) => {
      const { userId, email } = await this.tokens.use(manager, token, 'verify-email');
      await this.markVerified(manager, userId, email);
    });
  }

  /** For an address that was proved in another way. */
  async markVerified(manager: EntityManager, userId: string, email: string): Promise<void> {
    if (await this.users.verifyEmail(manager, userId, email))
      await this.ledger.emailVerified(manager, userId);
  }
}
