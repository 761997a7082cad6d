import { Inject, Injectable } from '@nestjs/common';
import { outputSize, type Size, strokeSize } from '@stylizer/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { DomainError, invalid } from '../../common/domain-error.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Transaction } from '../../database/transaction.js';
import { JobQueue } from '../../queue/job-queue.js';
import { ObjectStorage } from '../../storage/object-storage.js';
import { StylesService } from '../../styles/styles.service.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { imageLimits } from '../../uploads/image-limits.js';
import { priceRule } from '../limits.js';
import { normaliseUpload } from './normalise-upload.js';
import { priceOf } from '../../pricing/pricing.js';
import type { SubmissionForm } from './submission-form.js';
import type { Transformation, TransformationOptions } from '../transformation.js';
import { TransformationsRepository } from '../transformations.repository.js';

/** More than this for the network takes seconds, and up to minutes. */
const LARGE_PIXELS = 4_000_000;

const DAY_MS = 86_400_000;

export interface Submission extends SubmissionForm {
  userId: string;
  image: Buffer;
  requestId: string;
  traceparent: string;
}

export interface Submitted {
  transformation: Transformation;
  /** Available balance right after the hold, in tokens. */
  available: number;
}

/** Everything that can be refused is refused here, before a token is set aside. */
@Injectable()
export class SubmitTransformation {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
    private readonly queue: JobQueue,
    private readonly storage: ObjectStorage,
    private readonly styles: StylesService,
    private readonly transaction: Transaction,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Hold, row and job in one transaction.
   *
   * @param alongside further work of the same transaction
   * @throws DomainError STYLE_NOT_FOUND | STYLE_OUTDATED | VALIDATION_FAILED | INSUFFICIENT_TOKENS | STORAGE_FULL
   * @throws ImageRejected
   */
  async submit(
    submission: Submission,
    alongside: (manager: EntityManager, id: string) => Promise<void>,
  ): Promise<Submitted> {
    const { userId, styles, options } = submission;
    await this.styles.assertUsable(
      userId,
      styles.map(({ id }) => id),
    );
    const [original, { available: before }] = await Promise.all([
      normaliseUpload(submission.image, imageLimits(this.config)),
      this.tokens.balance(userId),
    ]);
    const { width, height } = this.sizeOf(original, options);
    const price = priceOf(priceRule(this.config), width, height);
    // Only spares the writing of a picture; what counts is the hold below.
    if (before < price) throw insufficient(price, before);

    const id = uuid();
    const originalKey = `originals/${id}.jpg`;
    await this.storage.put(originalKey, original.jpeg, 'image/jpeg');
    try {
      return await this.transaction.run(async (manager) => {
        const open = await this.transformations.countOpen(manager, userId);
        const transformation = await this.transformations.insert(manager, {
          id,
          userId,
          styles,
          options,
          price,
          width,
          height,
          originalKey,
          imagesExpireAt: new Date(Date.now() + this.config.RETENTION_DAYS * DAY_MS),
        });
        const { requestId, traceparent } = submission;
        // The more a user has under way, the later the next: nobody's batch starves the others.
        const job = { transformationId: id, requestId, traceparent };
        const large = pixelsOf(strokeSize({ width, height }, options.strokeScale)) > LARGE_PIXELS;
        await this.queue.send(manager, job, { priority: -open, large });
        await alongside(manager, id);
        // Last, since it locks the account: others of the same user wait for the commit alone.
        const hold = { userId, amount: price, transformationId: id };
        const available = await this.tokens.hold(manager, hold);
        return { transformation, available };
      });
    } catch (error) {
      await this.storage.delete(originalKey);
      throw error;
    }
  }

  private sizeOf(original: Size, { maxSize, strokeScale }: TransformationOptions): Size {
    const size = outputSize(original, maxSize);
    const { MAX_IMAGE_PIXELS: most } = this.config;
    if (pixelsOf(size) > most)
      throw invalid('maxSize', `gives more than ${most / 1e6} megapixels with this picture`);
    if (pixelsOf(strokeSize(size, strokeScale)) > most)
      throw invalid(
        'strokeScale',
        `makes the network work at more than ${most / 1e6} megapixels with this output; take a larger strokeScale or a smaller maxSize`,
      );
    return size;
  }
}

function pixelsOf({ width, height }: Size): number {
  return width * height;
}

function insufficient(price: number, available: number): DomainError {
  return new DomainError(
    'INSUFFICIENT_TOKENS',
    `You are out of tokens: this costs ${price} and you have ${available}.`,
  );
}
