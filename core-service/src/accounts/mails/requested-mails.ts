import { Injectable } from '@nestjs/common';
import { Transaction } from '../../database/transaction.js';
import { Tasks } from '../../queue/tasks.js';
import { UsersService } from '../../users/users.service.js';
import { EmailVerification } from '../verification/email-verification.js';
import { OneTimeTokens } from '../verification/one-time-tokens.js';
import { AccountMail } from './account-mail.js';
import { MailLimit } from './mail-limit.js';

export type RequestedMail = 'verification' | 'password-reset';

/**
 * Mails that anybody may ask for by naming an address. The address is looked up later, in the background:
 * the request does the same whether or not it has an account, so its answer and its time tell nothing.
 */
@Injectable()
export class RequestedMails {
  constructor(
    private readonly tasks: Tasks,
    private readonly transaction: Transaction,
    private readonly users: UsersService,
    private readonly tokens: OneTimeTokens,
    private readonly verification: EmailVerification,
    private readonly mail: AccountMail,
    private readonly limit: MailLimit,
  ) {
    tasks.handle<{ kind: RequestedMail; email: string }>('account-mails', ({ data }) =>
      this.write(data.kind, data.email),
    );
  }

  /** @throws DomainError RATE_LIMITED if this address was sent too many, account or not */
  async request(kind: RequestedMail, email: string): Promise<void> {
    await this.limit.consume(email);
    await this.transaction.run((manager) =>
      this.tasks.send(manager, 'account-mails', { kind, email }),
    );
  }

  private async write(kind: RequestedMail, email: string): Promise<void> {
    const user = await this.users.credentialsOf(email);
    if (!user) return;
    await this.transaction.run(async (manager) => {
      if (kind === 'verification') return this.verification.begin(manager, user);
      const grant = { userId: user.id, purpose: 'reset-password', email: user.email } as const;
      await this.mail.passwordReset(manager, user.email, await this.tokens.issue(manager, grant));
    });
  }
}
