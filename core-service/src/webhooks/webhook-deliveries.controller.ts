import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiAcceptedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { RateLimiter } from '../auth/rate-limiter.js';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import { PageQuery } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import { Id, IdParam } from '../common/uuid-param.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import {
  deliveryBody,
  DeliveryBody,
  DeliveryPageBody,
  ReplayBody,
  ReplayedBody,
} from './webhooks.dto.js';

const DeliveryIdParam = () => Param('deliveryId', { schema: Id });

@ApiTags('Webhooks')
@Controller('v1/webhook-endpoints/:id')
export class WebhookDeliveriesController {
  constructor(
    private readonly deliveries: WebhookDeliveriesService,
    private readonly rateLimiter: RateLimiter,
  ) {}

  @Get('deliveries')
  @Authenticated('webhooks:read')
  @ApiOperation({
    operationId: 'webhookEndpoints.deliveries',
    summary: 'What was sent to a webhook endpoint in 30 days, newest event first',
  })
  @ApiOkResponse({ standardSchema: DeliveryPageBody })
  @ApiProblem('NOT_FOUND')
  async list(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<DeliveryPageBody> {
    const { items, nextCursor } = await this.deliveries.list(principal, id, query);
    return { items: items.map((item) => deliveryBody(item)), nextCursor };
  }

  @Get('deliveries/:deliveryId')
  @Authenticated('webhooks:read')
  @ApiOperation({ operationId: 'webhookEndpoints.delivery', summary: 'One delivery' })
  @ApiOkResponse({ standardSchema: DeliveryBody })
  @ApiProblem('NOT_FOUND')
  async get(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @DeliveryIdParam() deliveryId: string,
  ): Promise<DeliveryBody> {
    return deliveryBody(await this.deliveries.get(principal, id, deliveryId));
  }

  @Post('deliveries/:deliveryId/redeliver')
  @Authenticated('webhooks:write')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'webhookEndpoints.redeliver',
    summary: 'Send an event again',
    description: 'With its old `webhook-id` and all its attempts. One that is pending stays so.',
  })
  @ApiAcceptedResponse({ standardSchema: DeliveryBody })
  @ApiProblem('NOT_FOUND', 'WEBHOOK_ENDPOINT_DISABLED', 'RATE_LIMITED')
  async redeliver(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @DeliveryIdParam() deliveryId: string,
  ): Promise<DeliveryBody> {
    await this.rateLimiter.submission(principal.userId);
    return deliveryBody(await this.deliveries.redeliver(principal, id, deliveryId));
  }

  @Post('replay')
  @Authenticated('webhooks:write')
  @ApiBody({ required: false })
  @HttpCode(202)
  @ApiOperation({
    operationId: 'webhookEndpoints.replay',
    summary: 'Send all events since a time again',
    description:
      'Those that were delivered, that failed, and that were skipped while the endpoint was disabled (the ' +
      'first seven days of it). At most 10,000 at once.',
  })
  @ApiAcceptedResponse({ standardSchema: ReplayedBody })
  @ApiProblem('NOT_FOUND', 'WEBHOOK_ENDPOINT_DISABLED', 'RATE_LIMITED')
  async replay(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @Body({ schema: ReplayBody }) { since }: ReplayBody,
  ): Promise<ReplayedBody> {
    await this.rateLimiter.submission(principal.userId);
    return this.deliveries.replay(principal, id, since === undefined ? undefined : new Date(since));
  }

  @Post('test')
  @Authenticated('webhooks:write')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'webhookEndpoints.test',
    summary: 'Send a test event',
    description: 'Of the type `webhook.test`, whatever the endpoint subscribes to.',
  })
  @ApiAcceptedResponse({ standardSchema: DeliveryBody })
  @ApiProblem('NOT_FOUND', 'WEBHOOK_ENDPOINT_DISABLED', 'WEBHOOK_URL_MISSING', 'RATE_LIMITED')
  async test(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
  ): Promise<DeliveryBody> {
    await this.rateLimiter.submission(principal.userId);
    return deliveryBody(await this.deliveries.test(principal, id));
  }
}
