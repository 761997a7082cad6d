import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ErrorCode } from '../../common/domain-error.js';
import type { Answering, StoredAnswer } from '../../idempotency/idempotency.js';
import { Inference } from '../../inference/inference.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { transformationBody } from '../transformation.dto.js';
import type { Begun } from '../transformation-lifecycle.js';
import type { Preferences } from './request-preferences.js';
import type { Transformation } from '../transformation.js';
import { WatchTransformation } from '../watch-transformation.js';

/** Errors that the client can act on; all others are TRANSFORMATION_FAILED. */
const ACTIONABLE: readonly string[] = [
  'IMAGE_TOO_LARGE',
  'IMAGE_TOO_SMALL',
  'UNSUPPORTED_IMAGE',
  'IMAGE_UNREADABLE',
  'STYLE_OUTDATED',
] satisfies ErrorCode[];

/** Answers a submission: with the JPG, the completed transformation, or a 202. */
@Injectable()
export class AnswerSubmission {
  constructor(
    private readonly watch: WatchTransformation,
    private readonly tokens: TokensService,
    @Inject(Inference) private readonly inference: Inference,
  ) {}

  /** @see answer */
  later({ transformation, available }: Begun, preferences: Preferences): Answering {
    return () => this.answer(transformation, available, preferences);
  }

  /**
   * @param available the balance after the hold, in tokens
   * @throws DomainError INFERENCE_UNAVAILABLE if the wait ends while the service is down; otherwise the
   *   error of the failed transformation
   */
  private async answer(
    submitted: Transformation,
    available: number,
    { waitMs, jpeg }: Preferences,
  ): Promise<StoredAnswer> {
    const { id, price } = submitted;
    const headers = {
      'x-transformation-id': id,
      'x-tokens-charged': String(price),
      'x-tokens-available': String(available),
      location: `/v1/transformations/${id}`,
    };
    const latest =
      waitMs === 0 ? submitted : ((await this.watch.untilFinal(id, waitMs)) ?? submitted);
    switch (latest.status) {
      case 'completed':
        return jpeg
          ? { status: 200, headers }
          : { status: 201, headers, body: transformationBody(latest) };
      case 'failed':
        throw failure(latest, await this.refundHeaders(latest));
      case 'cancelled':
        throw new DomainError('TRANSFORMATION_CANCELLED', 'The transformation was cancelled.', {
          headers: await this.refundHeaders(latest),
        });
      case 'pending':
      case 'processing':
        if (waitMs > 0 && !(await this.inference.isReady()))
          throw new DomainError(
            'INFERENCE_UNAVAILABLE',
            `Stylizing is not available at the moment. The image stays queued: try ${headers.location} later.`,
            { headers, retryAfterSeconds: 10 },
          );
        return { status: 202, headers, body: transformationBody(latest) };
    }
  }

  /** Reads the balance again, because the refund is part of it. */
  private async refundHeaders({ id, userId }: Transformation): Promise<Record<string, string>> {
    const { available } = await this.tokens.balance(userId);
    return {
      'x-transformation-id': id,
      'x-tokens-charged': '0',
      'x-tokens-available': String(available),
    };
  }
}

function failure({ error }: Transformation, headers: Record<string, string>): DomainError {
  const { code = 'TRANSFORMATION_FAILED', detail = '' } = error ?? {};
  const known = ACTIONABLE.includes(code) ? (code as ErrorCode) : 'TRANSFORMATION_FAILED';
  return new DomainError(known, detail, { headers });
}
