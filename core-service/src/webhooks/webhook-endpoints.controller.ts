import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { linksTo } from '../common/api-answer.js';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import { PageQuery } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import { IdParam } from '../common/uuid-param.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import {
  createdEndpointBody,
  CreatedEndpointBody,
  endpointBody,
  EndpointBody,
  EndpointChangesBody,
  EndpointPageBody,
  NewEndpointBody,
  RotatedSecretBody,
} from './webhooks.dto.js';

@ApiTags('Webhooks')
@Controller('v1/webhook-endpoints')
export class WebhookEndpointsController {
  constructor(private readonly endpoints: WebhookEndpointsService) {}

  @Post()
  @Authenticated('webhooks:write')
  @ApiBody({ required: false })
  @ApiOperation({
    operationId: 'webhookEndpoints.create',
    summary: 'Have events posted to a URL',
    description:
      'Signed as [Standard Webhooks](https://www.standardwebhooks.com) says, with the secret that is shown ' +
      'here once. Delivered at least once, in no order. How to verify: docs/webhooks.md in the repository.',
  })
  @ApiCreatedResponse({
    standardSchema: CreatedEndpointBody,
    links: linksTo(
      '$response.body#/id',
      ...['get', 'change', 'delete', 'rotateSecret', 'test', 'deliveries', 'replay'].map(
        (name) => `webhookEndpoints.${name}`,
      ),
    ),
  })
  @ApiProblem('WEBHOOK_QUOTA_EXCEEDED', 'URL_NOT_ALLOWED')
  async create(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: NewEndpointBody }) body: NewEndpointBody,
  ): Promise<CreatedEndpointBody> {
    return createdEndpointBody(await this.endpoints.create(principal, body));
  }

  @Get()
  @Authenticated('webhooks:read')
  @ApiOperation({ operationId: 'webhookEndpoints.list', summary: 'My webhook endpoints' })
  @ApiOkResponse({ standardSchema: EndpointPageBody })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<EndpointPageBody> {
    const { items, nextCursor } = await this.endpoints.list(principal, query);
    return { items: items.map((endpoint) => endpointBody(endpoint)), nextCursor };
  }

  @Get(':id')
  @Authenticated('webhooks:read')
  @ApiOperation({ operationId: 'webhookEndpoints.get', summary: 'One webhook endpoint' })
  @ApiOkResponse({ standardSchema: EndpointBody })
  @ApiProblem('NOT_FOUND')
  async get(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
  ): Promise<EndpointBody> {
    return endpointBody(await this.endpoints.get(principal, id));
  }

  @Patch(':id')
  @Authenticated('webhooks:write')
  @ApiBody({ required: false })
  @ApiOperation({
    operationId: 'webhookEndpoints.change',
    summary: 'Change, enable or disable a webhook endpoint',
    description: 'What is on its way to a disabled endpoint is skipped; replay it when it is back.',
  })
  @ApiOkResponse({ standardSchema: EndpointBody })
  @ApiProblem('NOT_FOUND', 'URL_NOT_ALLOWED')
  async change(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @Body({ schema: EndpointChangesBody }) body: EndpointChangesBody,
  ): Promise<EndpointBody> {
    return endpointBody(await this.endpoints.change(principal, id, body));
  }

  @Delete(':id')
  @Authenticated('webhooks:write')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'webhookEndpoints.delete',
    summary: 'Delete a webhook endpoint',
    description: 'Nothing more is sent there.',
  })
  @ApiNoContentResponse()
  @ApiProblem('NOT_FOUND')
  delete(@CurrentPrincipal() principal: Principal, @IdParam() id: string): Promise<void> {
    return this.endpoints.delete(principal, id);
  }

  @Post(':id/rotate-secret')
  @Authenticated('webhooks:write')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'webhookEndpoints.rotateSecret',
    summary: 'A new secret for a webhook endpoint',
    description: 'For 24 hours every delivery bears two signatures, by the new secret and the old.',
  })
  @ApiOkResponse({ standardSchema: RotatedSecretBody })
  @ApiProblem('NOT_FOUND')
  async rotateSecret(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
  ): Promise<RotatedSecretBody> {
    const { endpoint, secret, until } = await this.endpoints.rotateSecret(principal, id);
    const { publicKey } = endpoint;
    return { ...(secret && { secret }), publicKey, earlierSecretUntil: until };
  }
}
