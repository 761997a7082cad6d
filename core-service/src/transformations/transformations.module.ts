import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { InferenceModule } from '../inference/inference.module.js';
import { Metrics } from '../metrics/metrics.js';
import { QueueModule } from '../queue/queue.module.js';
import { StorageModule } from '../storage/storage.module.js';
import { StylesModule } from '../styles/styles.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { TokensService } from '../tokens/tokens.service.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { AcceptSubmission } from './submission/submissions.service.js';
import { AnswerSubmission } from './submission/answer-submission.js';
import { ChangeFeed } from './change-feed.js';
import { ClaimTransformation } from './claim-transformation.js';
import { EndTransformation } from './transformation-lifecycle.js';
import { Housekeeping } from './processing/housekeeping.js';
import { PricingController } from '../pricing/pricing.controller.js';
import { ProcessTransformation } from './processing/process-transformation.js';
import { SubmissionsController } from './submission/submissions.controller.js';
import { StylizeTransformation } from './processing/stylize-transformation.js';
import { SubmitTransformation } from './submission/submit-transformation.js';
import { TransformationFiles } from './transformation-files.js';
import { TransformationsController } from './delivery/transformations.controller.js';
import { TransformationsRepository } from './transformations.repository.js';
import { TransformationsService } from './delivery/transformations.service.js';
import { WatchTransformation } from './delivery/watch-transformation.js';
import { Worker } from './processing/worker.js';

@Module({
  imports: [
    AuthModule,
    IdempotencyModule,
    InferenceModule,
    QueueModule,
    StorageModule,
    StylesModule,
    TokensModule,
    UploadsModule,
  ],
  controllers: [PricingController, SubmissionsController, TransformationsController],
  providers: [
    AcceptSubmission,
    AnswerSubmission,
    ChangeFeed,
    ClaimTransformation,
    EndTransformation,
    Housekeeping,
    ProcessTransformation,
    StylizeTransformation,
    SubmitTransformation,
    TransformationFiles,
    TransformationsRepository,
    TransformationsService,
    WatchTransformation,
    Worker,
  ],
  exports: [Worker],
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
      'Transformations that wait (pending) and that are worked on (processing)',
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
