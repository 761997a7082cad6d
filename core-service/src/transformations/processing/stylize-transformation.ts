import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  Inference,
  InferenceError,
  type Picture,
  type Stylized,
  type StylizeContext,
} from '../../inference/inference.js';
import type { Job } from '../../queue/job-queue.js';
import { ObjectStorage } from '../../storage/object-storage.js';
import { readerOf, withScratchFile } from '../../storage/scratch-file.js';
import { StylesService } from '../../styles/styles.service.js';
import { ChangeFeed } from '../change-feed.js';
import { ProgressReport } from './progress-report.js';
import type { Progress, Transformation } from '../transformation.js';
import { TransformationsRepository } from '../transformations.repository.js';

/**
 * In one attempt; with the pauses between them ten minutes. That two models are in service for longer
 * is no change of models, but something wrong.
 */
const MOST_RENEWALS = 120;

/** Pause between two looks at an inference service that takes no work, in milliseconds. */
const WAIT_MS = { first: 100, most: 5_000 } as const;

type StylizeTarget = Pick<StylizeContext, 'target' | 'onProgress'>;

/** A claimed transformation's picture through the inference service, with its progress told. */
@Injectable()
export class StylizeTransformation {
  private readonly logger = new Logger(StylizeTransformation.name);

  constructor(
    @Inject(Inference) private readonly inference: Inference,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
    private readonly styles: StylesService,
    private readonly transformations: TransformationsRepository,
    private readonly changes: ChangeFeed,
  ) {}

  /** The original is fetched first: a storage does not wait until the service reads on. */
  stylize(transformation: Transformation, job: Job, target: FileHandle): Promise<Stylized> {
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
      if (await this.transformations.tellProgress(id, progress))
        this.changes.announce(id, 'progress');
    } catch (error) {
      this.logger.warn(`the progress of ${id} was not written: ${String(error)}`);
    }
  }

  /**
   * Waits as long as the service takes no work; what it tried and failed is an attempt. Custom styles
   * whose codes are of another model than the service has are encoded anew. While models change there
   * may be two at once, and the next call meets the other.
   */
  private async untilStylized(
    picture: () => Picture,
    { userId, styles, options }: Transformation,
    { requestId, traceparent, signal, target, onProgress }: Job & StylizeTarget,
  ): Promise<Stylized> {
    const context = { requestId, traceparent, signal, target, onProgress };
    let outdated = false;
    let renewals = 0;
    for (let pause: number = WAIT_MS.first; ; pause = Math.min(pause * 2, WAIT_MS.most)) {
      try {
        if (outdated) await this.styles.renew(userId, styles, context);
        outdated = false;
        const request = { styles: await this.styles.forInference(userId, styles), ...options };
        return await this.inference.stylize(picture(), request, context);
      } catch (error) {
        if (!(error instanceof InferenceError)) throw error;
        if (error.kind === 'mismatch' && renewals++ < MOST_RENEWALS) outdated = true;
        else if (error.kind !== 'unavailable') throw error;
        const asked = (error.particulars.retryAfterSeconds ?? 0) * 1000;
        await delay(jittered(Math.max(pause, asked)), undefined, { signal });
      }
    }
  }

  /** Resolves when the service takes work. */
  async untilReady(signal: AbortSignal): Promise<void> {
    for (let pause: number = WAIT_MS.first; ; pause = Math.min(pause * 2, WAIT_MS.most)) {
      if (await this.inference.isReady()) return;
      await delay(jittered(pause), undefined, { signal });
    }
  }
}

function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
