import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AuthModule } from '../auth/auth.module.js';
import { EventsModule } from '../events/events.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { InferenceModule } from '../inference/inference.module.js';
import { Metrics } from '../metrics/metrics.js';
import { PricingModule } from '../pricing/pricing.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { StylesModule } from '../styles/styles.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { TokensService } from '../tokens/tokens.service.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { TransformationsController } from './delivery/transformations.controller.js';
import { Housekeeping } from './processing/housekeeping.js';
import { ProcessTransformation } from './processing/process-transformation.js';
import { ProgressWriter } from './processing/progress-writer.js';
import { Worker } from './processing/worker.js';
import { QuotesController } from './quoting/quotes.controller.js';
import { QuotesRepository } from './quoting/quotes.repository.js';
import { Quotes } from './quoting/quotes.service.js';
import { AnswerSubmission } from './submission/answer-submission.js';
import { CheckSubmission } from './submission/check-submission.js';
import { SubmissionsController } from './submission/submissions.controller.js';
import { SubmissionsService } from './submission/submissions.service.js';
import { SubmitTransformation } from './submission/submit-transformation.js';
import { TransformationFiles } from './transformation-files.js';
import { TransformationLifecycle } from './transformation-lifecycle.js';
import { TransformationsRepository } from './transformations.repository.js';
import { TransformationsService } from './transformations.service.js';
import { WatchTransformation } from './watch-transformation.js';

@Module({
  imports: [
    DiscoveryModule,
    AuthModule,
    EventsModule,
    IdempotencyModule,
    InferenceModule,
    PricingModule,
    QueueModule,
    StorageModule,
    StylesModule,
    TokensModule,
    UploadsModule,
    WebhooksModule,
  ],
  controllers: [QuotesController, SubmissionsController, TransformationsController],
  providers: [
    AnswerSubmission,
    CheckSubmission,
    Housekeeping,
    ProcessTransformation,
    ProgressWriter,
    Quotes,
    QuotesRepository,
    SubmissionsService,
    SubmitTransformation,
    TransformationFiles,
    TransformationLifecycle,
    TransformationsRepository,
    TransformationsService,
    WatchTransformation,
    Worker,
  ],
  exports: [TransformationsService, Worker],
})
export class TransformationsModule implements OnApplicationBootstrap {
  constructor(
    private readonly metrics: Metrics,
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
  ) {}

  onApplicationBootstrap(): void {
    this.metrics.gauge(
      'stylizer_transformations_open',
      'Open transformations by status: pending or processing',
      'status',
      async () => ({ ...(await this.transformations.countByStatus()) }),
    );
    this.metrics.gauge(
      'stylizer_ledger_tokens',
      'Balances of the ledger: held for users, settled as revenue, given out by the treasury',
      'account',
      async () => ({ ...(await this.tokens.systemBalances()) }),
    );
  }
}
