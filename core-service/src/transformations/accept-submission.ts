import { Injectable } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import { TokensService } from '../tokens/tokens.service.js';
import { AnswerSubmission } from './answer-submission.js';
import { fingerprintOf, Idempotency, type StoredAnswer } from './idempotency.js';
import type { Preferences } from './request-preferences.js';
import { type Submission, SubmitTransformation } from './submit-transformation.js';
import { TransformationsService } from './transformations.service.js';

export interface Reply extends StoredAnswer {
  transformationId: string;
}

/** A submission from the read form to the answer, once per idempotency key. */
@Injectable()
export class AcceptSubmission {
  constructor(
    private readonly submitting: SubmitTransformation,
    private readonly answering: AnswerSubmission,
    private readonly idempotency: Idempotency,
    private readonly transformations: TransformationsService,
    private readonly tokens: TokensService,
    private readonly metrics: Metrics,
  ) {}

  async accept(
    submission: Submission,
    key: string | undefined,
    preferences: Preferences,
  ): Promise<Reply> {
    if (key === undefined) return this.submit(submission, preferences);

    const { userId, image, styles, options } = submission;
    const state = await this.idempotency.begin(
      userId,
      key,
      fingerprintOf(image, { styles, options }),
    );
    switch (state.kind) {
      case 'claimed':
        return this.submit(submission, preferences, state.claim);
      case 'answered':
        return replayed({ ...state.answer, transformationId: state.transformationId });
      case 'accepted': {
        const transformation = await this.transformations.get(userId, state.transformationId);
        const { available } = await this.tokens.balance(userId);
        const answer = await this.answering.answer(transformation, available, preferences);
        return replayed({ ...answer, transformationId: transformation.id });
      }
    }
  }

  private async submit(
    submission: Submission,
    preferences: Preferences,
    claim?: string,
  ): Promise<Reply> {
    try {
      const { transformation, available } = await this.submitting.submit(
        submission,
        async (manager, id) => {
          if (claim) await this.idempotency.bind(manager, claim, id);
        },
      );
      this.metrics.submissions.inc();
      const answer = await this.answering.answer(transformation, available, preferences);
      if (claim) await this.idempotency.storeAnswer(claim, answer);
      return { ...answer, transformationId: transformation.id };
    } catch (error) {
      // Refused: the same key may try again. Accepted but failed: it finds the transformation.
      if (claim) await this.idempotency.release(claim);
      throw error;
    }
  }
}

function replayed(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, 'idempotency-replayed': 'true' } };
}
