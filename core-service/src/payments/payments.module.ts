import { Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { NoProvider } from './no-provider.js';
import { PaymentProvider } from './payment-provider.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsHousekeeping } from './payments-housekeeping.js';
import { PurchasesRepository } from './purchases.repository.js';
import { PurchasesService } from './purchases.service.js';
import { StripeProvider } from './stripe-provider.js';
import { StripeWebhookController } from './stripe-webhook.controller.js';

@Module({
  imports: [TokensModule, UsersModule],
  controllers: [PaymentsController, StripeWebhookController],
  providers: [
    {
      provide: PaymentProvider,
      inject: [CONFIG],
      useFactory: (config: Config): PaymentProvider => {
        const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET } = config;
        return STRIPE_SECRET_KEY && STRIPE_WEBHOOK_SECRET
          ? new StripeProvider({ ...config, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET })
          : new NoProvider();
      },
    },
    PaymentsHousekeeping,
    PurchasesRepository,
    PurchasesService,
  ],
})
export class PaymentsModule {}
