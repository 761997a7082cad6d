import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ErrorCode } from '../../common/domain-error.js';
import type { StoredAnswer } from '../../idempotency/idempotency.js';
import { Inference } from '../../inference/inference.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { transformationBody } from '../transformation.dto.js';
import type { Preferences } from './request-preferences.js';
import type { Transformation } from '../transformation.js';
import { WatchTransformation } from '../delivery/watch-transformation.js';

/** What the caller can do something about; everything else is TRANSFORMATION_FAILED. */
const TOLD: readonly string[] = [
  'IMAGE_TOO_LARGE',
  'IMAGE_TOO_SMALL',
  'UNSUPPORTED_IMAGE',
  'IMAGE_UNREADABLE',
  'STYLE_OUTDATED',
] satisfies ErrorCode[];

/** What a submission is answered with: the JPG, the completed transformation, or where to look. */
@Injectable()
export class AnswerSubmission {
  constructor(
    private readonly watch: WatchTransformation,
    private readonly tokens: TokensService,
    @Inject(Inference) private readonly inference: Inference,
  ) {}

  /**
   * @param available the balance after the hold, in tokens
   * @throws DomainError INFERENCE_UNAVAILABLE when the wait ran out on a service that is down, or
   *   what the transformation failed of
   */
  async answer(
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
        throw failure(latest, await this.givenBack(latest));
      case 'cancelled':
        throw new DomainError('TRANSFORMATION_CANCELLED', 'It was cancelled meanwhile.', {
          headers: await this.givenBack(latest),
        });
      case 'pending':
      case 'processing':
        if (waitMs > 0 && !(await this.inference.isReady()))
          throw new DomainError(
            'INFERENCE_UNAVAILABLE',
            `The picture cannot be stylized at the moment. It stays queued: try ${headers.location} later.`,
            { headers, retryAfterSeconds: 10 },
          );
        return { status: 202, headers, body: transformationBody(latest) };
    }
  }

  /** Read anew: when a failure is told again, its tokens have long been part of the balance. */
  private async givenBack({ id, userId }: Transformation): Promise<Record<string, string>> {
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
  const known = TOLD.includes(code) ? (code as ErrorCode) : 'TRANSFORMATION_FAILED';
  return new DomainError(known, detail, { headers });
}
