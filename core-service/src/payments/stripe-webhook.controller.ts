import { Controller, Headers, HttpCode, Post, type RawBodyRequest, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PurchasesService } from './purchases.service.js';

/** For Stripe alone, which its signature proves; not part of the documented API. */
@ApiExcludeController()
@Controller('webhooks/stripe')
export class StripeWebhookController {
  constructor(private readonly purchases: PurchasesService) {}

  @Post()
  @HttpCode(200)
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature = '',
  ): Promise<{ received: true }> {
    await this.purchases.receive(request.rawBody ?? Buffer.alloc(0), signature);
    return { received: true };
  }
}
