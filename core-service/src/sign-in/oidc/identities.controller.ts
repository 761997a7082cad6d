import { Body, Controller, Delete, Get, HttpCode, Ip, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { UserPrincipal } from '../../common/principal.js';
import { Reauthentication } from '../reauthentication.js';
import { IdentitiesService } from './identities.service.js';
import {
  CallbackBody,
  IdentityBody,
  IdentityList,
  LinkBody,
  ProviderParam,
  StartedFlow,
  UnlinkBody,
} from './oidc.dto.js';
import { OidcFlow } from './oidc-flow.js';

@ApiTags('Accounts')
@Authenticated()
@Controller('v1/me/identities')
export class IdentitiesController {
  constructor(
    private readonly identities: IdentitiesService,
    private readonly flow: OidcFlow,
    private readonly reauthentication: Reauthentication,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'me.identities.list', summary: 'Providers linked to my account' })
  @ApiOkResponse({ standardSchema: IdentityList })
  async list(@CurrentPrincipal() { userId }: UserPrincipal): Promise<IdentityList> {
    return { items: await this.identities.list(userId) };
  }

  @Post(':provider/start')
  @HttpCode(200)
  @ApiOperation({ operationId: 'me.identities.start', summary: 'Begin to link a provider' })
  @ApiBody({ required: false })
  @ApiOkResponse({ standardSchema: StartedFlow })
  @ApiProblem(
    'INVALID_CREDENTIALS',
    'REAUTHENTICATION_REQUIRED',
    'PROVIDER_NOT_FOUND',
    'PROVIDER_UNAVAILABLE',
    'RATE_LIMITED',
  )
  async start(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @ProviderParam() provider: string,
    @Body({ schema: LinkBody }) { redirectUri, password }: LinkBody,
  ): Promise<StartedFlow> {
    await this.reauthentication.require(caller, { address, password });
    return this.flow.start(provider, redirectUri, caller.userId);
  }

  @Post(':provider')
  @ApiOperation({
    operationId: 'me.identities.create',
    summary: 'Link a provider with what it sent back',
    description: 'Only for the account that began it.',
  })
  @ApiCreatedResponse({ standardSchema: IdentityBody })
  @ApiProblem(
    'INVALID_CHALLENGE',
    'IDENTITY_REFUSED',
    'IDENTITY_TAKEN',
    'PROVIDER_NOT_FOUND',
    'PROVIDER_UNAVAILABLE',
  )
  async create(
    @CurrentPrincipal() { userId }: UserPrincipal,
    @ProviderParam() provider: string,
    @Body({ schema: CallbackBody }) { flowToken, ...answer }: CallbackBody,
  ): Promise<IdentityBody> {
    const identity = await this.flow.finish(provider, flowToken, answer, userId);
    return this.identities.link(userId, provider, identity);
  }

  @Delete(':provider')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'me.identities.delete',
    summary: 'Unlink a provider',
    description: 'Never the last way to sign in to the account.',
  })
  @ApiBody({ required: false })
  @ApiNoContentResponse({ description: 'The provider no longer signs in to the account.' })
  @ApiProblem(
    'INVALID_CREDENTIALS',
    'REAUTHENTICATION_REQUIRED',
    'NOT_FOUND',
    'LAST_SIGN_IN_METHOD',
    'RATE_LIMITED',
  )
  async remove(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @ProviderParam() provider: string,
    @Body({ schema: UnlinkBody }) { password }: UnlinkBody,
  ): Promise<void> {
    await this.reauthentication.require(caller, { address, password });
    await this.identities.unlink(caller.userId, provider);
  }
}
