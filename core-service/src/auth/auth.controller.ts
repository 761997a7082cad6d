import { Body, Controller, Get, HttpCode, Ip, Post, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { SESSION_LINKS } from '../common/api-answer.js';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import type { Principal } from '../common/principal.js';
import { DomainError } from '../common/domain-error.js';
import { UserBody, userBody } from '../users/users.dto.js';
import { UsersService } from '../users/users.service.js';
import { RefreshBody, RegistrationBody, SessionBody, sessionBody } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { LimitByAddress } from './limit-by-address.js';
import { RateLimiter } from './rate-limiter.js';
import { SignUpChecks } from './sign-up-checks/sign-up-checks.js';

@ApiTags('Accounts')
@Controller('v1')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly users: UsersService,
    private readonly rateLimiter: RateLimiter,
    private readonly signUpChecks: SignUpChecks,
  ) {}

  @Post('auth/register')
  @LimitByAddress()
  @ApiOperation({
    operationId: 'auth.register',
    summary: 'Open an account',
    description:
      'The sign-up grant is on the balance at once, or, if the operator chose that, when the address is ' +
      'verified. The mail to verify it is on its way.',
  })
  @ApiCreatedResponse({ standardSchema: SessionBody, links: SESSION_LINKS })
  @ApiProblem(
    'WEAK_PASSWORD',
    'EMAIL_NOT_ALLOWED',
    'PROOF_OF_WORK_REQUIRED',
    'PROOF_OF_WORK_INVALID',
    'EMAIL_TAKEN',
    'RATE_LIMITED',
  )
  async register(
    @Ip() address: string,
    @Body({ schema: RegistrationBody }) body: RegistrationBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionBody> {
    await this.rateLimiter.registration(address, reply);
    await this.signUpChecks.assertAllowed(body);
    const { user, tokens } = await this.auth.register(body.email, body.password);
    return sessionBody(user, tokens);
  }

  @Post('auth/refresh')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.refresh',
    summary: 'Trade a refresh token for a new pair',
    description: 'A refresh token works once. If it is used again, its whole session ends.',
  })
  @ApiOkResponse({ standardSchema: SessionBody, links: SESSION_LINKS })
  @ApiProblem('INVALID_REFRESH_TOKEN', 'REFRESH_TOKEN_REUSED', 'RATE_LIMITED')
  async refresh(@Body({ schema: RefreshBody }) body: RefreshBody): Promise<SessionBody> {
    const { user, tokens } = await this.auth.refresh(body.refreshToken);
    return sessionBody(user, tokens);
  }

  @Post('auth/logout')
  @LimitByAddress()
  @HttpCode(204)
  @ApiOperation({ operationId: 'auth.logout', summary: 'End the session of a refresh token' })
  @ApiNoContentResponse({ description: 'The session has ended, or there was none.' })
  @ApiProblem('RATE_LIMITED')
  logout(@Body({ schema: RefreshBody }) body: RefreshBody): Promise<void> {
    return this.auth.logout(body.refreshToken);
  }

  @Get('me')
  @Authenticated('account:read')
  @ApiOperation({ operationId: 'me.get', summary: 'My account' })
  @ApiOkResponse({ standardSchema: UserBody })
  async me(@CurrentPrincipal() caller: Principal): Promise<UserBody> {
    const user = await this.users.find(caller.userId);
    if (!user) throw new DomainError('UNAUTHENTICATED', 'The account no longer exists.');
    return userBody(user);
  }
}
