import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { fingerprintOf, Idempotency, type StoredAnswer } from '../../idempotency/idempotency.js';
import { Metrics } from '../../metrics/metrics.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { AnswerSubmission } from './answer-submission.js';
import type { Preferences } from './request-preferences.js';
import { type Submission, SubmitTransformation } from './submit-transformation.js';
import type { Transformation } from '../transformation.js';
import { TransformationsService } from '../delivery/transformations.service.js';

export interface Reply extends StoredAnswer {
  transformationId: string;
}

/** What is left to do once a submission is in: wait for its end, and answer. */
export type AnswerLater = (preferences: Preferences) => Promise<Reply>;

const REPLAYED = { 'idempotency-replayed': 'true' };

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

  /** What it returns keeps nothing of the picture, however long it then waits. */
  async accept(submission: Submission, key: string | undefined): Promise<AnswerLater> {
    if (key === undefined) return this.submit(submission);

    const { userId, image, styles, options } = submission;
    const state = await this.idempotency.begin(
      userId,
      key,
      fingerprintOf(image, { styles, options }),
    );
    switch (state.kind) {
      case 'claimed':
        return this.submit(submission, state.claim);
      case 'answered': {
        const reply = replayed({ ...state.answer, transformationId: state.boundTo });
        return () => Promise.resolve(reply);
      }
      case 'accepted':
        return (preferences) => this.answerAgain(userId, state.boundTo, preferences);
    }
  }

  private async submit(submission: Submission, claim?: string): Promise<AnswerLater> {
    try {
      const { transformation, available } = await this.submitting.submit(
        submission,
        async (manager, id) => {
          if (claim) await this.idempotency.bind(manager, claim, { transformationId: id });
        },
      );
      this.metrics.submissions.inc();
      return this.answerOnce(transformation, available, claim);
    } catch (error) {
      // Refused: the same key may try again.
      if (claim) await this.idempotency.release(claim);
      throw error;
    }
  }

  private answerOnce(
    transformation: Transformation,
    available: number,
    claim: string | undefined,
  ): AnswerLater {
    return async (preferences) => {
      try {
        const answer = await this.answering.answer(transformation, available, preferences);
        if (claim) await this.idempotency.storeAnswer(claim, answer);
        return { ...answer, transformationId: transformation.id };
      } catch (error) {
        // Accepted but failed: the same key finds the transformation.
        if (claim) await this.idempotency.release(claim);
        throw error;
      }
    };
  }

  private async answerAgain(userId: string, id: string, preferences: Preferences): Promise<Reply> {
    const transformation = await this.transformations.get(userId, id);
    const { available } = await this.tokens.balance(userId);
    try {
      const answer = await this.answering.answer(transformation, available, preferences);
      return replayed({ ...answer, transformationId: transformation.id });
    } catch (error) {
      if (error instanceof DomainError) Object.assign(error.headers, REPLAYED);
      throw error;
    }
  }
}

function replayed(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, ...REPLAYED } };
}
