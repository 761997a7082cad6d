import { Body, Controller, HttpCode, Ip, Post, Put } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { PasswordCheck } from '../auth/password-check.js';
import { LimitByAddress } from '../auth/limit-by-address.js';
import { RateLimiter } from '../auth/rate-limiter.js';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import type { UserPrincipal } from '../common/principal.js';
import { AddressBody, EmailChangeBody, EmailChangeStateBody, TokenBody } from './accounts.dto.js';
import { ApiRequestedMail } from './api-requested-mail.js';
import { EmailChanges } from './email-changes.js';
import { MailLimit } from './mails/mail-limit.js';
import { RequestedMails } from './mails/requested-mails.js';
import { EmailVerification } from './verification/email-verification.js';

@ApiTags('Accounts')
@Controller('v1')
export class EmailController {
  constructor(
    private readonly verification: EmailVerification,
    private readonly mails: RequestedMails,
    private readonly changes: EmailChanges,
    private readonly passwordCheck: PasswordCheck,
    private readonly mailLimit: MailLimit,
    private readonly rateLimiter: RateLimiter,
  ) {}

  @Post('auth/verify-email')
  @LimitByAddress()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'auth.verifyEmail',
    summary: 'Verify my e-mail address with the token from the mail',
  })
  @ApiNoContentResponse()
  @ApiProblem('INVALID_TOKEN', 'RATE_LIMITED')
  async verify(@Body({ schema: TokenBody }) { token }: TokenBody): Promise<void> {
    await this.verification.complete(token);
  }

  @Post('auth/verify-email/resend')
  @LimitByAddress()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'auth.resendVerification',
    summary: 'Ask for another mail to verify my address',
    description: 'The token in it ends the one before. None is sent for a verified address.',
  })
  @ApiRequestedMail()
  async resend(@Body({ schema: AddressBody }) { email }: AddressBody): Promise<void> {
    await this.mails.request('verification', email);
  }

  @Put('me/email')
  @Authenticated()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'me.changeEmail',
    summary: 'Change my e-mail address',
    description:
      'Both addresses get a mail. The account moves when both have confirmed, within 24 hours. ' +
      'A newer change, or a new password, ends this one.',
  })
  @ApiAcceptedResponse({
    description:
      'Mails to both addresses are on their way; the same if the new one has an account.',
  })
  @ApiProblem('INVALID_CREDENTIALS', 'RATE_LIMITED')
  async change(
    @Ip() address: string,
    @CurrentPrincipal() caller: UserPrincipal,
    @Body({ schema: EmailChangeBody }) { email, password }: EmailChangeBody,
  ): Promise<void> {
    const user = await this.rateLimiter.login(address, caller.userId, () =>
      this.passwordCheck.ofUser(caller.userId, password),
    );
    await this.mailLimit.consume(user.email);
    await this.mailLimit.consume(email);
    await this.changes.begin(user, email);
  }

  @Post('auth/email/confirm')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.confirmEmailChange',
    summary: 'Confirm a change of address with the token from the mail',
  })
  @ApiOkResponse({ standardSchema: EmailChangeStateBody })
  @ApiProblem('INVALID_TOKEN', 'EMAIL_TAKEN', 'RATE_LIMITED')
  async confirm(@Body({ schema: TokenBody }) { token }: TokenBody): Promise<EmailChangeStateBody> {
    return { changed: await this.changes.confirm(token) };
  }
}
