import { type DynamicModule, Module } from '@nestjs/common';
import { LedgerAuditModule } from '../ledger-audit/ledger-audit.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AccountDataModule } from '../account-data/account-data.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { CommonModule } from '../common/common.module.js';
import type { Config } from '../config/config.js';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { MailModule } from '../mail/mail.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { HealthModule } from '../health/health.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { SecurityTxtModule } from '../security-txt/security-txt.module.js';
import { StylesModule } from '../styles/styles.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { TransformationsModule } from '../transformations/transformations.module.js';
import { UsersModule } from '../users/users.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';

@Module({})
export class AppModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        CommonModule,
        LimitsModule,
        MetricsModule,
        DatabaseModule,
        UsersModule,
        AuthModule,
        AccountsModule,
        SignInModule,
        TokensModule,
        StylesModule,
        TransformationsModule,
        PaymentsModule,
        LedgerAuditModule,
        MailModule,
        ApiKeysModule,
        AdminModule,
        WebhooksModule,
        AccountDataModule,
        SecurityTxtModule,
        HealthModule,
      ],
    };
  }
}
