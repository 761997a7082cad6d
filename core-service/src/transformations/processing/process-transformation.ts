import { Inject, Injectable, Logger } from '@nestjs/common';
import { Backoff } from '../../common/backoff.js';
import { DomainError } from '../../common/domain-error.js';
import { InferenceError } from '../../inference/inference.js';
import {
  InferenceWorker,
  type OrderContext,
  type StylizedImage,
} from '../../inference/inference-worker.js';
import { Metrics } from '../../metrics/metrics.js';
import type { Job, JobHandlers } from '../../queue/job-queue.js';
import { StylesService } from '../../styles/styles.service.js';
import type { Transformation } from '../transformation.js';
import { TransformationFiles } from '../transformation-files.js';
import { TransformationLifecycle } from '../transformation-lifecycle.js';
import { ProgressWriter } from './progress-writer.js';

/**
 * Renewals of styles in one attempt; with the pauses between them ten minutes. Two models in service
 * for longer than that are no change of models, but a fault.
 */
const MOST_RENEWALS = 120;

/** What a worker does with a job: claim, stylize, settle or release. Safe to run twice. */
@Injectable()
export class ProcessTransformation implements JobHandlers {
  private readonly logger = new Logger(ProcessTransformation.name);

  constructor(
    @Inject(InferenceWorker) private readonly worker: InferenceWorker,
    private readonly lifecycle: TransformationLifecycle,
    private readonly styles: StylesService,
    private readonly files: TransformationFiles,
    private readonly progress: ProgressWriter,
    private readonly metrics: Metrics,
  ) {}

  async process(job: Job): Promise<void> {
    const stopTimer = this.metrics.jobSeconds.startTimer();
    try {
      // Unclaimed while no worker takes work: it stays pending, and can be cancelled.
      await this.worker.untilReady(job.signal);
      const transformation = await this.lifecycle.claim(job.transformationId);
      stopTimer({ outcome: transformation ? await this.run(transformation, job) : 'ended before' });
    } catch (error) {
      stopTimer({ outcome: 'attempt failed' });
      this.logger.warn(
        `attempt ${job.attempt} of ${job.transformationId} (request ${job.requestId}): ${String(error)}`,
      );
      throw error;
    }
  }

  async giveUp(transformationId: string): Promise<void> {
    await this.lifecycle.fail(transformationId, {
      code: 'TRANSFORMATION_FAILED',
      detail: 'The picture could not be stylized. The tokens were refunded.',
    });
  }

  private async run(transformation: Transformation, job: Job): Promise<string> {
    let stylized: StylizedImage;
    try {
      stylized = await this.progress.during(transformation.id, (onProgress) =>
        this.stylize(transformation, { ...job, onProgress }),
      );
    } catch (error) {
      const code = refusalOf(error);
      if (code === undefined) throw error;
      await this.lifecycle.fail(transformation.id, { code, detail: (error as Error).message });
      return 'failed';
    }
    if (await this.lifecycle.complete(transformation.id, stylized)) {
      this.metrics.inferenceSeconds.observe(stylized.inferenceMs / 1000);
      return 'completed';
    }
    await this.files.discardResult(transformation.id, stylized.resultKey);
    return 'ended before';
  }

  /**
   * Custom styles whose codes belong to another model than the worker has are encoded again. While
   * models change there may be two at once, and the next call meets the other.
   */
  private async stylize(
    { id, userId, styles, originalKey, options }: Transformation,
    context: OrderContext,
  ): Promise<StylizedImage> {
    const resultPrefix = `results/${id}`;
    const wait = new Backoff(100, 5_000);
    let outdated = false;
    for (let renewals = 0; ;) {
      try {
        if (outdated) await this.styles.renew(userId, styles, context);
        outdated = false;
        const request = { styles: await this.styles.forInference(userId, styles), ...options };
        return await this.worker.stylize({ originalKey, resultPrefix, request }, context);
      } catch (error) {
        if (!(error instanceof InferenceError)) throw error;
        if (error.kind === 'mismatch' && renewals++ < MOST_RENEWALS) outdated = true;
        else if (error.kind !== 'unavailable') throw error;
        await wait.pause(context.signal, error.particulars.retryAfterSeconds);
      }
    }
  }
}

/** The code of what would fail the same way at every attempt. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof DomainError && error.code === 'STYLE_OUTDATED') return error.code;
  if (error instanceof InferenceError && error.kind === 'rejected')
    return error.particulars.code ?? 'TRANSFORMATION_FAILED';
  return undefined;
}
