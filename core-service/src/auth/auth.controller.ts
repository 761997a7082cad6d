import { Body, Controller, Get, HttpCode, Ip, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import type { Principal } from '../common/principal.js';
import { DomainError } from '../common/domain-error.js';
import { UserBody } from '../users/users.dto.js';
import { UsersService } from '../users/users.service.js';
import { CredentialsDto, RefreshDto, SessionBody } from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { RateLimiter } from './rate-limiter.js';

@ApiTags('Accounts')
@Controller('v1')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly users: UsersService,
    private readonly rateLimiter: RateLimiter,
  ) {}

  @Post('auth/register')
  @ApiOperation({
    summary: 'Open an account',
    description: 'The sign-up grant is on the balance at once.',
  })
  @ApiCreatedResponse({ type: SessionBody })
  @ApiProblem('VALIDATION_FAILED', 'WEAK_PASSWORD', 'EMAIL_TAKEN', 'RATE_LIMITED')
  async register(@Ip() address: string, @Body() body: CredentialsDto): Promise<SessionBody> {
    await this.rateLimiter.registration(address);
    const { user, tokens } = await this.auth.register(body.email, body.password);
    return SessionBody.of(user, tokens);
  }

  @Post('auth/login')
  @HttpCode(200)
  @ApiOperation({ summary: 'Log in' })
  @ApiOkResponse({ type: SessionBody })
  @ApiProblem('VALIDATION_FAILED', 'INVALID_CREDENTIALS', 'RATE_LIMITED')
  async login(@Ip() address: string, @Body() body: CredentialsDto): Promise<SessionBody> {
    const { user, tokens } = await this.rateLimiter.login(address, body.email, () =>
      this.auth.login(body.email, body.password),
    );
    return SessionBody.of(user, tokens);
  }

  @Post('auth/refresh')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Trade a refresh token for a new pair',
    description:
      'A refresh token is good once. Used again, it ends the session of all its successors.',
  })
  @ApiOkResponse({ type: SessionBody })
  @ApiProblem('VALIDATION_FAILED', 'INVALID_REFRESH_TOKEN', 'REFRESH_TOKEN_REUSED')
  async refresh(@Body() body: RefreshDto): Promise<SessionBody> {
    const { user, tokens } = await this.auth.refresh(body.refreshToken);
    return SessionBody.of(user, tokens);
  }

  @Post('auth/logout')
  @HttpCode(204)
  @ApiOperation({ summary: 'End the session of a refresh token' })
  @ApiNoContentResponse({ description: 'The session is ended, also when there was none.' })
  @ApiProblem('VALIDATION_FAILED')
  logout(@Body() body: RefreshDto): Promise<void> {
    return this.auth.logout(body.refreshToken);
  }

  @Get('me')
  @Authenticated()
  @ApiOperation({ summary: 'Who I am' })
  @ApiOkResponse({ type: UserBody })
  async me(@CurrentPrincipal() caller: Principal): Promise<UserBody> {
    const user = await this.users.find(caller.userId);
    if (!user) throw new DomainError('UNAUTHENTICATED', 'The account no longer exists.');
    return UserBody.of(user);
  }
}
