import { Inject, Injectable } from '@nestjs/common';
import { strokeSize } from '@stylizer/common';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../../common/domain-error.js';
import { apiKeyIdOf, type Principal } from '../../common/principal.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import type { Bind } from '../../idempotency/idempotency.js';
import { ObjectStorage } from '../../storage/object-storage.js';
import { TokensService } from '../../tokens/tokens.service.js';
import type { UploadedImage } from '../../uploads/uploaded-image.js';
import { pixelsOf, Quotes } from '../quoting/quotes.service.js';
import { CheckSubmission } from './check-submission.js';
import { normaliseUpload } from './normalise-upload.js';
import type { SubmissionForm } from './submission-form.js';
import { type Begun, TransformationLifecycle } from '../transformation-lifecycle.js';

/** Above this the network takes seconds to minutes. */
const LARGE_PIXELS = 4_000_000;

const DAY_MS = 86_400_000;

export interface Submission extends SubmissionForm {
  principal: Principal;
  image: UploadedImage;
  requestId: string;
  traceparent: string;
}

/** Everything that can be refused is refused here, before a token is held. */
@Injectable()
export class SubmitTransformation {
  constructor(
    private readonly lifecycle: TransformationLifecycle,
    private readonly tokens: TokensService,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
    private readonly checking: CheckSubmission,
    private readonly quotes: Quotes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Stores the upload, then makes hold, row and job in one transaction.
   *
   * @throws DomainError STYLE_NOT_FOUND | STYLE_OUTDATED | VALIDATION_FAILED | QUOTE_NOT_FOUND | QUOTE_MISMATCH |
   *   INSUFFICIENT_TOKENS | KEY_BUDGET_EXCEEDED | STORAGE_FULL | URL_NOT_ALLOWED | URL_UNREACHABLE |
   *   WEBHOOK_SECRET_REQUIRED | WEBHOOK_ENDPOINT_DISABLED
   * @throws ImageRejected
   */
  async submit(submission: Submission, bind: Bind): Promise<Begun> {
    const { principal, styles, options, quoteId, webhookUrl, requestId, traceparent } = submission;
    const { userId } = principal;
    const apiKeyId = apiKeyIdOf(principal);
    await this.checking.check(principal, submission);
    const { MAX_IMAGE_BYTES: maxBytes, MAX_IMAGE_PIXELS: maxPixels } = this.config;
    const [original, { available: before }] = await Promise.all([
      submission.image.bytes().then((bytes) => normaliseUpload(bytes, { maxBytes, maxPixels })),
      this.tokens.balance(userId),
    ]);
    const size = this.quotes.outputOf(original, options);
    const price = await this.quotes.priceOf(userId, size, quoteId);
    // Only saves the writing of an image; what counts is the hold below.
    if (before < price) throw insufficient(price, before);

    const id = uuid();
    const originalKey = `originals/${id}.jpg`;
    const imagesExpireAt = new Date(Date.now() + this.config.RETENTION_DAYS * DAY_MS);
    const large = pixelsOf(strokeSize(size, options.strokeScale)) > LARGE_PIXELS;
    await this.storage.put(originalKey, original.jpeg, 'image/jpeg');
    try {
      return await this.lifecycle.begin(
        {
          id,
          userId,
          apiKeyId,
          styles,
          options,
          price,
          ...size,
          originalKey,
          imagesExpireAt,
          webhookUrl,
        },
        { requestId, traceparent, large },
        (manager) => bind(manager, { transformationId: id }),
      );
    } catch (error) {
      await this.storage.delete(originalKey);
      throw error;
    }
  }
}

function insufficient(price: number, available: number): DomainError {
  return new DomainError(
    'INSUFFICIENT_TOKENS',
    `You are out of tokens: this costs ${price} and you have ${available}.`,
  );
}
