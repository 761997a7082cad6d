import type { FileHandle } from 'node:fs/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { InferenceError, type Stylized } from '../../inference/inference.js';
import { Metrics } from '../../metrics/metrics.js';
import type { Job, JobHandlers } from '../../queue/job-queue.js';
import { ObjectStorage } from '../../storage/object-storage.js';
import { readerOf, withScratchFile } from '../../storage/scratch-file.js';
import { ClaimTransformation } from '../claim-transformation.js';
import { EndTransformation } from '../transformation-lifecycle.js';
import { StylizeTransformation } from './stylize-transformation.js';
import type { Transformation } from '../transformation.js';
import { TransformationsRepository } from '../transformations.repository.js';

/** What a worker does with a job: claim, infer, store, settle or release. Safe to run twice. */
@Injectable()
export class ProcessTransformation implements JobHandlers {
  private readonly logger = new Logger(ProcessTransformation.name);

  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly claiming: ClaimTransformation,
    private readonly ending: EndTransformation,
    private readonly stylizing: StylizeTransformation,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
    private readonly metrics: Metrics,
  ) {}

  async process(job: Job): Promise<void> {
    const stopTimer = this.metrics.jobSeconds.startTimer();
    try {
      // Unclaimed while the service is away: it stays pending, and can be cancelled.
      await this.stylizing.untilReady(job.signal);
      const transformation = await this.claiming.claim(job.transformationId);
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
      detail: 'The picture could not be stylized. The tokens were refunded.',
    });
  }

  private run(transformation: Transformation, job: Job): Promise<string> {
    return withScratchFile(async (target) => {
      let stylized: Stylized;
      try {
        stylized = await this.stylizing.stylize(transformation, job, target);
      } catch (error) {
        const code = refusalOf(error);
        if (code === undefined) throw error;
        await this.ending.fail(transformation, { code, detail: (error as Error).message });
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
}

/** The code of what would be no other in a further attempt. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof DomainError && error.code === 'STYLE_OUTDATED') return error.code;
  if (error instanceof InferenceError && error.kind === 'rejected')
    return error.particulars.code ?? 'TRANSFORMATION_FAILED';
  return undefined;
}
