import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { SessionBody, sessionBody } from '../../auth/auth.dto.js';
import { LimitByAddress } from '../../auth/limit-by-address.js';
import { SESSION_LINKS } from '../../common/api-answer.js';
import { ApiProblem } from '../../common/api-problem.js';
import { SignInService } from '../sign-in.service.js';
import { credentialOf } from './credential.dto.js';
import { PasskeySignInBody, RequestOptions } from './passkeys.dto.js';
import { PasskeysService } from './passkeys.service.js';

@ApiTags('Accounts')
@Controller('v1/auth/passkey')
export class PasskeySignInController {
  constructor(
    private readonly passkeys: PasskeysService,
    private readonly signIn: SignInService,
  ) {}

  @Post('options')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.passkey.options',
    summary: 'Begin to sign in with a passkey',
    description: 'Good for five minutes and one answer.',
  })
  @ApiOkResponse({ standardSchema: RequestOptions })
  @ApiProblem('RATE_LIMITED')
  async options(): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.passkeys.requestOptions();
  }

  @Post('verify')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.passkey.verify',
    summary: 'Sign in with a passkey',
    description: 'It counts as both factors: the device has checked who uses it.',
  })
  @ApiOkResponse({ standardSchema: SessionBody, links: SESSION_LINKS })
  @ApiProblem('INVALID_CHALLENGE', 'INVALID_PASSKEY', 'ACCOUNT_DELETED', 'RATE_LIMITED')
  async verify(
    @Body({ schema: PasskeySignInBody }) { credential }: PasskeySignInBody,
  ): Promise<SessionBody> {
    const { user, tokens } = await this.signIn.withPasskey(credentialOf(credential));
    return sessionBody(user, tokens);
  }
}
