import { Module } from '@nestjs/common';
import { MailModule } from '../../mail/mail.module.js';
import { QueueModule } from '../../queue/queue.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { UsersModule } from '../../users/users.module.js';
import { AccountMail } from '../mails/account-mail.js';
import { MailLimit } from '../mails/mail-limit.js';
import { RequestedMails } from '../mails/requested-mails.js';
import { EmailChangesRepository } from './email-changes.repository.js';
import { EmailVerification } from './email-verification.js';
import { ExpiredTokens } from './expired-tokens.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';
import { OneTimeTokens } from './one-time-tokens.js';

/** What signing up and signing in need of the accounts; knows nothing of either. */
@Module({
  imports: [MailModule, QueueModule, TokensModule, UsersModule],
  providers: [
    AccountMail,
    EmailChangesRepository,
    EmailVerification,
    ExpiredTokens,
    MailLimit,
    OneTimeTokens,
    OneTimeTokensRepository,
    RequestedMails,
  ],
  exports: [
    AccountMail,
    EmailChangesRepository,
    EmailVerification,
    ExpiredTokens,
    MailLimit,
    OneTimeTokens,
    RequestedMails,
  ],
})
export class VerificationModule {}
