import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Transaction } from '../database/transaction.js';
import {
  Inference,
  InferenceError,
  type Picture,
  type Stylized,
  type StylizeContext,
} from '../inference/inference.js';
import { Metrics } from '../metrics/metrics.js';
import type { Job, JobHandlers } from '../queue/job-queue.js';
import { ObjectStorage } from '../storage/object-storage.js';
import { withScratchFile } from '../storage/scratch-file.js';
import { StylesService } from '../styles/styles.service.js';
import { EndTransformation } from './end-transformation.js';
import { ProgressReport } from './progress-report.js';
import type { Progress, Transformation } from './transformation.js';
import { TransformationsRepository } from './transformations.repository.js';

/** Pause between two looks at an inference service that takes no work, in milliseconds. */
const WAIT_MS = { first: 100, most: 5_000 } as const;

type StylizeTarget = Pick<StylizeContext, 'target' | 'onProgress'>;

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

  private run(transformation: Transformation, job: Job): Promise<string> {
    return withScratchFile(async (target) => {
      let stylized: Stylized;
      try {
        stylized = await this.stylize(transformation, job, target);
      } catch (error) {
        if (!(error instanceof InferenceError) || error.kind !== 'rejected') throw error;
        const code = error.particulars.code ?? 'TRANSFORMATION_FAILED';
        await this.ending.fail(transformation, { code, detail: error.message });
        return 'failed';
      }
      return this.store(transformation, stylized, target);
    });
  }

  /** Named by content: one that comes late never overwrites the result that was paid for. */
  private async store(
    transformation: Transformation,
    { bytes, digest, inferenceMs }: Stylized,
    file: FileHandle,
  ): Promise<string> {
    const resultKey = `results/${transformation.id}-${digest.slice(0, 16)}.jpg`;
    const open = () => readerOf(file);
    await this.storage.put(resultKey, { bytes, digest, open }, 'image/jpeg');
    const completion = { resultKey, bytes, digest, inferenceMs };
    if (await this.ending.complete(transformation, completion)) {
      this.metrics.inferenceSeconds.observe(inferenceMs / 1000);
      return 'completed';
    }
    const ended = await this.transformations.find(transformation.id);
    if (ended?.result?.key !== resultKey) await this.storage.delete(resultKey);
    return 'ended before';
  }

  /** The original is fetched first: a storage does not wait until the service reads on. */
  private stylize(transformation: Transformation, job: Job, target: FileHandle): Promise<Stylized> {
    return withScratchFile(async (file) => {
      const original = await this.storage.get(transformation.originalKey);
      if (!original) throw new Error(`the original of ${transformation.id} is not in the storage`);
      await file.writeFile(original.stream);
      const picture = () => ({ stream: readerOf(file), bytes: original.bytes });
      const report = new ProgressReport((progress) => this.write(transformation.id, progress));
      const onProgress = (tilesDone: number, tilesTotal: number) =>
        report.tell({ tilesDone, tilesTotal });
      try {
        return await this.untilStylized(picture, transformation, { ...job, target, onProgress });
      } finally {
        await report.end();
      }
    });
  }

  /** Only news: a picture does not fail of it. */
  private async write(id: string, progress: Progress): Promise<void> {
    try {
      await this.transformations.tellProgress(id, progress);
    } catch (error) {
      this.logger.warn(`the progress of ${id} was not written: ${String(error)}`);
    }
  }

  /** Waits as long as the service takes no work; what it tried and failed is an attempt. */
  private async untilStylized(
    picture: () => Picture,
    { userId, styles, options }: Transformation,
    { requestId, traceparent, signal, target, onProgress }: Job & StylizeTarget,
  ): Promise<Stylized> {
    const request = { styles: await this.styles.forInference(userId, styles), ...options };
    const context = { requestId, traceparent, signal, target, onProgress };
    for (let pause: number = WAIT_MS.first; ; pause = Math.min(pause * 2, WAIT_MS.most)) {
      try {
        return await this.inference.stylize(picture(), request, context);
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

function readerOf(file: FileHandle): Readable {
  return file.createReadStream({ start: 0, autoClose: false });
}

function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
