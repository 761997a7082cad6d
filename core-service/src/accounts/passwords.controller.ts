import { Body, Controller, HttpCode, Ip, Post, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LimitByAddress } from '../auth/limit-by-address.js';
import { RateLimiter } from '../auth/rate-limiter.js';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import type { UserPrincipal } from '../common/principal.js';
import { AddressBody, PasswordChangeBody, PasswordResetBody } from './accounts.dto.js';
import { ApiRequestedMail } from './api-requested-mail.js';
import { RequestedMails } from './mails/requested-mails.js';
import { Passwords } from './passwords.js';

@ApiTags('Accounts')
@Controller('v1')
export class PasswordsController {
  constructor(
    private readonly mails: RequestedMails,
    private readonly passwords: Passwords,
    private readonly rateLimiter: RateLimiter,
  ) {}

  @Post('auth/password/forgot')
  @LimitByAddress()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'auth.forgotPassword',
    summary: 'Ask for a mail to set a new password',
    description: 'The token in it works once, for one hour; a newer one ends it.',
  })
  @ApiRequestedMail()
  async forgot(@Body({ schema: AddressBody }) { email }: AddressBody): Promise<void> {
    await this.mails.request('password-reset', email);
  }

  @Post('auth/password/reset')
  @LimitByAddress()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'auth.resetPassword',
    summary: 'Set a new password with the token from the mail',
    description: 'Ends all sessions, and verifies the address. Then log in.',
  })
  @ApiNoContentResponse()
  @ApiProblem('INVALID_TOKEN', 'WEAK_PASSWORD', 'RATE_LIMITED')
  async reset(
    @Ip() address: string,
    @Body({ schema: PasswordResetBody }) { token, password }: PasswordResetBody,
  ): Promise<void> {
    const { email } = await this.passwords.reset(token, password);
    await this.rateLimiter.loginSucceeded(address, email);
  }

  @Put('me/password')
  @Authenticated()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'me.changePassword',
    summary: 'Change my password',
    description: 'Ends my other sessions; this one stays. A mail tells of the change.',
  })
  @ApiNoContentResponse()
  @ApiProblem('INVALID_CREDENTIALS', 'WEAK_PASSWORD', 'RATE_LIMITED')
  async change(
    @Ip() address: string,
    @CurrentPrincipal() caller: UserPrincipal,
    @Body({ schema: PasswordChangeBody }) body: PasswordChangeBody,
  ): Promise<void> {
    await this.rateLimiter.login(address, caller.userId, () => this.passwords.change(caller, body));
  }
}
