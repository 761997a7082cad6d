import { Body, Controller, HttpCode, Ip, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CredentialsBody, SessionBody, sessionBody } from '../auth/auth.dto.js';
import { LimitByAddress } from '../auth/limit-by-address.js';
import { RateLimiter } from '../auth/rate-limiter.js';
import { SESSION_LINKS } from '../common/api-answer.js';
import { ApiProblem } from '../common/api-problem.js';
import { credentialOf } from './passkeys/credential.dto.js';
import { SecondFactorService } from './second-factor.service.js';
import { SecondFactorBody } from './sign-in.dto.js';
import { sessionOf, SignInService } from './sign-in.service.js';

@ApiTags('Accounts')
@Controller('v1/auth')
export class SignInController {
  constructor(
    private readonly signIn: SignInService,
    private readonly secondFactors: SecondFactorService,
    private readonly rateLimiter: RateLimiter,
  ) {}

  @Post('login')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.login',
    summary: 'Log in',
    description:
      'An account with an authenticator app answers 401 `SECOND_FACTOR_REQUIRED` with a `challenge` for `POST /v1/auth/second-factor`.',
  })
  @ApiOkResponse({ standardSchema: SessionBody, links: SESSION_LINKS })
  @ApiProblem('INVALID_CREDENTIALS', 'SECOND_FACTOR_REQUIRED', 'ACCOUNT_DELETED', 'RATE_LIMITED')
  async login(
    @Ip() address: string,
    @Body({ schema: CredentialsBody }) body: CredentialsBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionBody> {
    // The password is right also where a second factor is needed, so that attempt is no failure.
    const signedIn = await this.rateLimiter.login(
      address,
      body.email,
      () => this.signIn.withPassword(body.email, body.password),
      reply,
    );
    const { user, tokens } = sessionOf(signedIn);
    return sessionBody(user, tokens);
  }

  @Post('second-factor')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.secondFactor',
    summary: 'Answer the challenge of a login',
    description:
      'With a code of the authenticator app, a recovery code, or a passkey that answers `POST /v1/auth/passkey/options`. A challenge is good for five minutes and five wrong answers.',
  })
  @ApiOkResponse({ standardSchema: SessionBody, links: SESSION_LINKS })
  @ApiProblem(
    'INVALID_CHALLENGE',
    'INVALID_CODE',
    'INVALID_PASSKEY',
    'ACCOUNT_DELETED',
    'RATE_LIMITED',
  )
  async secondFactor(
    @Body({ schema: SecondFactorBody }) body: SecondFactorBody,
  ): Promise<SessionBody> {
    const { user, tokens } =
      'passkey' in body
        ? await this.secondFactors.withPasskey(body.challenge, credentialOf(body.passkey))
        : await this.secondFactors.withCode(body.challenge, body);
    return sessionBody(user, tokens);
  }
}
