import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { EventsModule } from '../events/events.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { InferenceModule } from '../inference/inference.module.js';
import { PricingModule } from '../pricing/pricing.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { StyleCreationsService } from './creation/style-creations.service.js';
import { Catalogue } from './catalogue.js';
import { CreateStyle } from './creation/create-style.js';
import { CreateStyleController } from './creation/create-style.controller.js';
import { CustomStylesRepository } from './custom-styles.repository.js';
import { EncodeStyle } from './encoding/encode-style.js';
import { RenewStyle } from './encoding/renew-style.js';
import { StyleFiles } from './style-files.js';
import { StyleHousekeeping } from './style-housekeeping.js';
import { StyleLifecycle } from './style-lifecycle.js';
import { StylesController } from './styles.controller.js';
import { StylesService } from './styles.service.js';

@Module({
  imports: [
    AuthModule,
    EventsModule,
    IdempotencyModule,
    InferenceModule,
    PricingModule,
    StorageModule,
    TokensModule,
    UploadsModule,
  ],
  controllers: [StylesController, CreateStyleController],
  providers: [
    Catalogue,
    CreateStyle,
    CustomStylesRepository,
    EncodeStyle,
    RenewStyle,
    StyleFiles,
    StyleHousekeeping,
    StyleCreationsService,
    StyleLifecycle,
    StylesService,
  ],
  exports: [StyleHousekeeping, StylesService],
})
export class StylesModule {}
