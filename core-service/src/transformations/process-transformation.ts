import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Transaction } from '../database/transaction.js';
import { Inference, InferenceError, type Stylized } from '../inference/inference.js';
import { Metrics } from '../metrics/metrics.js';
import type { Job, JobHandlers } from '../queue/job-queue.js';
import { ObjectStorage, readAll } from '../storage/object-storage.js';
import { StylesService } from '../styles/styles.service.js';
import { EndTransformation } from './end-transformation.js';
import type { Transformation } from './transformation.js';
import { TransformationsRepository } from './transformations.repository.js';

/** Pause between two looks at an inference service that takes no work, in milliseconds. */
const WAIT_MS = { first: 100, most: 5_000 } as const;

/** What a worker does with a job: claim, infer, store, settle or release. Safe to run twice. */
@Injectable()
export class ProcessTransformation implements JobHandlers {
  private readonly logger = new Logger(ProcessTransformation.name);

  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly ending: EndTransformation,
    private readonly transaction: Transaction,
    @Inject(Inference) private readonly inference: Inference,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
    private readonly metrics: Metrics,
    private readonly styles: StylesService,
  ) {}

  async process(job: Job): Promise<void> {
    const stopTimer = this.metrics.jobSeconds.startTimer();
    try {
      // Unclaimed while the service is away: it stays pending, and can be cancelled.
      await this.untilReady(job.signal);
      const transformation = await this.transaction.run((manager) =>
        this.transformations.claim(manager, job.transformationId),
      );
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
    const transformation = await this.transformations.find(transformationId);
    if (!transformation) return;
    await this.ending.fail(transformation, {
      code: 'TRANSFORMATION_FAILED',
      detail: 'The picture could not be stylised. The tokens were given back.',
    });
  }

  private async run(transformation: Transformation, job: Job): Promise<string> {
    const original = await this.storage.get(transformation.originalKey);
    if (!original) throw new Error(`the original of ${transformation.id} is not in the storage`);
    let stylized: Stylized;
    try {
      stylized = await this.stylize(await readAll(original), transformation, job);
    } catch (error) {
      if (!(error instanceof InferenceError) || error.kind !== 'rejected') throw error;
      const code = error.particulars.code ?? 'TRANSFORMATION_FAILED';
      await this.ending.fail(transformation, { code, detail: error.message });
      return 'failed';
    }
    return this.store(transformation, stylized);
  }

  /** Named by content: one that comes late never overwrites the result that was paid for. */
  private async store(transformation: Transformation, stylized: Stylized): Promise<string> {
    const { jpeg, inferenceMs } = stylized;
    const digest = createHash('sha256').update(jpeg).digest('hex');
    const resultKey = `results/${transformation.id}-${digest.slice(0, 16)}.jpg`;
    await this.storage.put(resultKey, jpeg, 'image/jpeg');
    const completion = { resultKey, bytes: jpeg.length, digest, inferenceMs };
    if (await this.ending.complete(transformation, completion)) {
      this.metrics.inferenceSeconds.observe(inferenceMs / 1000);
      return 'completed';
    }
    const ended = await this.transformations.find(transformation.id);
    if (ended?.result?.key !== resultKey) await this.storage.delete(resultKey);
    return 'ended before';
  }

  /** Waits as long as the service takes no work; what it tried and failed is an attempt. */
  private async stylize(
    image: Buffer,
    { userId, styles, options }: Transformation,
    { requestId, traceparent, signal }: Job,
  ): Promise<Stylized> {
    const request = { styles: await this.styles.forInference(userId, styles), ...options };
    for (let pause: number = WAIT_MS.first; ; pause = Math.min(pause * 2, WAIT_MS.most)) {
      try {
        return await this.inference.stylize(image, request, { requestId, traceparent, signal });
      } catch (error) {
        if (!(error instanceof InferenceError) || error.kind !== 'unavailable') throw error;
        const asked = (error.particulars.retryAfterSeconds ?? 0) * 1000;
        await delay(jittered(Math.max(pause, asked)), undefined, { signal });
      }
    }
  }

  private async untilReady(signal: AbortSignal): Promise<void> {
    for (let pause: number = WAIT_MS.first; ; pause = Math.min(pause * 2, WAIT_MS.most)) {
      if (await this.inference.isReady()) return;
      await delay(jittered(pause), undefined, { signal });
    }
  }
}

function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
