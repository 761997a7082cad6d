import { Injectable } from '@nestjs/common';
import { type Answering, fingerprintOf, Idempotency } from '../../idempotency/idempotency.js';
import { Metrics } from '../../metrics/metrics.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { TransformationsService } from '../transformations.service.js';
import { AnswerSubmission } from './answer-submission.js';
import type { Preferences } from './request-preferences.js';
import { type Submission, SubmitTransformation } from './submit-transformation.js';

/** A submission from the form to the answer, once per idempotency key. */
@Injectable()
export class SubmissionsService {
  constructor(
    private readonly submitting: SubmitTransformation,
    private readonly answering: AnswerSubmission,
    private readonly idempotency: Idempotency,
    private readonly transformations: TransformationsService,
    private readonly tokens: TokensService,
    private readonly metrics: Metrics,
  ) {}

  /** What it returns keeps nothing of the image, however long it then waits. */
  accept(
    submission: Submission,
    key: string | undefined,
    preferences: Preferences,
  ): Promise<Answering> {
    const { principal, image, styles, options, quoteId, webhookUrl } = submission;
    return this.idempotency.once({
      userId: principal.userId,
      key,
      fingerprint: () => fingerprintOf(image.identity, { styles, options, quoteId, webhookUrl }),
      first: async (bind) => {
        const begun = await this.submitting.submit(submission, bind);
        this.metrics.submissions.inc();
        return this.answering.later(begun, preferences);
      },
      again: async (id) => {
        const transformation = await this.transformations.get(principal, id);
        const { available } = await this.tokens.balance(principal.userId);
        return this.answering.later({ transformation, available }, preferences);
      },
    });
  }
}
