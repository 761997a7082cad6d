import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SessionBody, sessionBody } from '../../auth/auth.dto.js';
import { LimitByAddress } from '../../auth/limit-by-address.js';
import { SESSION_LINKS } from '../../common/api-answer.js';
import { ApiProblem } from '../../common/api-problem.js';
import { sessionOf, SignInService } from '../sign-in.service.js';
import { CallbackBody, FlowBody, ProviderList, ProviderParam, StartedFlow } from './oidc.dto.js';
import { OidcFlow } from './oidc-flow.js';
import { OidcProviders } from './oidc-providers.js';
import { OidcService } from './oidc.service.js';

@ApiTags('Accounts')
@Controller('v1/auth')
export class OidcController {
  constructor(
    private readonly providers: OidcProviders,
    private readonly flow: OidcFlow,
    private readonly oidc: OidcService,
    private readonly signIn: SignInService,
  ) {}

  @Get('providers')
  @ApiOperation({ operationId: 'auth.providers', summary: 'Providers to sign in with' })
  @ApiOkResponse({ standardSchema: ProviderList })
  list(): ProviderList {
    return { items: this.providers.list().map(({ id, name }) => ({ id, name })) };
  }

  @Post('oidc/:provider/start')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.oidc.start',
    summary: 'Begin to sign in with a provider',
    description: 'Good for ten minutes and one callback.',
  })
  @ApiBody({ required: false })
  @ApiOkResponse({ standardSchema: StartedFlow })
  @ApiProblem('PROVIDER_NOT_FOUND', 'PROVIDER_UNAVAILABLE', 'RATE_LIMITED')
  async start(
    @ProviderParam() provider: string,
    @Body({ schema: FlowBody }) { redirectUri }: FlowBody,
  ): Promise<StartedFlow> {
    return this.flow.start(provider, redirectUri);
  }

  @Post('oidc/:provider/callback')
  @LimitByAddress()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'auth.oidc.callback',
    summary: 'Sign in with what the provider sent back',
    description:
      'Somebody new gets an account without a password, with the sign-up grant. An account with an authenticator app answers 401 `SECOND_FACTOR_REQUIRED`, as at the login.',
  })
  @ApiOkResponse({ standardSchema: SessionBody, links: SESSION_LINKS })
  @ApiProblem(
    'INVALID_CHALLENGE',
    'IDENTITY_REFUSED',
    'SECOND_FACTOR_REQUIRED',
    'PROVIDER_NOT_FOUND',
    'ACCOUNT_EXISTS',
    'ACCOUNT_DELETED',
    'EMAIL_NOT_ALLOWED',
    'EMAIL_NOT_VERIFIED',
    'PROVIDER_UNAVAILABLE',
    'RATE_LIMITED',
  )
  async callback(
    @ProviderParam() provider: string,
    @Body({ schema: CallbackBody }) { flowToken, ...answer }: CallbackBody,
  ): Promise<SessionBody> {
    const identity = await this.flow.finish(provider, flowToken, answer);
    const owner = await this.oidc.userOf(this.providers.get(provider), identity);
    const { user, tokens } = sessionOf(await this.signIn.withFirstFactor(owner));
    return sessionBody(user, tokens);
  }
}
