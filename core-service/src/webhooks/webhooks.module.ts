import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OutgoingModule } from '../outgoing/outgoing.module.js';
import { UsersModule } from '../users/users.module.js';
import { DeliverWebhook } from './deliver-webhook.js';
import { DispatchWebhooks } from './dispatch-webhooks.js';
import { EndpointHealth } from './endpoint-health.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookDeliveriesService } from './webhook-deliveries.service.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { WebhookHousekeeping } from './webhook-housekeeping.js';

@Module({
  imports: [AuthModule, MailModule, OutgoingModule, UsersModule],
  controllers: [WebhookEndpointsController, WebhookDeliveriesController],
  providers: [
    DeliverWebhook,
    DispatchWebhooks,
    EndpointHealth,
    WebhookDeliveriesRepository,
    WebhookDeliveriesService,
    WebhookEndpointsRepository,
    WebhookEndpointsService,
    WebhookHousekeeping,
  ],
  exports: [DispatchWebhooks, WebhookEndpointsService],
})
export class WebhooksModule {}
