import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiter } from '../../auth/rate-limiter.js';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentCaller } from '../../common/authenticated.js';
import type { Caller } from '../../common/principal.js';
import { traceparentOf } from '../../common/trace-context.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { parseIdempotencyKey, type StoredAnswer } from '../../idempotency/idempotency.js';
import { imageLimits } from '../../uploads/image-limits.js';
import { readMultipartForm } from '../../uploads/multipart-form.js';
import { UploadMemory } from '../../uploads/upload-memory.js';
import { AcceptStyle } from './accept-style.js';
import { parseStyleForm } from './style-form.js';
import { newStyleSchema, StyleBody } from '../styles.dto.js';

@ApiTags('Styles')
@Authenticated()
@Controller('v1/styles')
export class CreateStyleController {
  constructor(
    private readonly accepting: AcceptStyle,
    private readonly memory: UploadMemory,
    private readonly rateLimiter: RateLimiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Make a style of any picture',
    description:
      'Its tokens (`GET /v1/pricing`) are set aside at once, paid when the style is there, and given ' +
      'back if it fails. The style is made of the centre square of the picture. Of that square a JPEG ' +
      'of 512 pixels a side at most is kept, nothing else of the picture: the model is replaced by a ' +
      'better one now and then, and the style is then made anew of it, free of charge, when it is next ' +
      'used. Nobody is shown it, and it is erased when the style is deleted.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: newStyleSchema })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Up to 255 characters. The same key and request again: the same answer, no second charge; for 24 hours.',
  })
  @ApiCreatedResponse({
    type: StyleBody,
    headers: {
      'X-Tokens-Charged': { description: 'Tokens paid.', schema: { type: 'integer' } },
      'X-Tokens-Available': { description: 'Tokens left to spend.', schema: { type: 'integer' } },
    },
  })
  @ApiProblem(
    'VALIDATION_FAILED',
    'INSUFFICIENT_TOKENS',
    'STYLE_NOT_FOUND',
    'STYLE_QUOTA_EXCEEDED',
    'IDEMPOTENCY_KEY_IN_USE',
    'IMAGE_TOO_LARGE',
    'UNSUPPORTED_IMAGE',
    'IMAGE_UNREADABLE',
    'IMAGE_TOO_SMALL',
    'IDEMPOTENCY_KEY_REUSED',
    'RATE_LIMITED',
    'INFERENCE_UNAVAILABLE',
    'OVERLOADED',
    'STORAGE_UNAVAILABLE',
    'STORAGE_FULL',
  )
  async createStyle(
    @CurrentCaller() { userId }: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StyleBody> {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    await this.rateLimiter.submission(userId);
    const answerLater = await this.takeIn(userId, request, key);
    const { headers, body } = await answerLater();
    void reply.headers(headers);
    return body as StyleBody;
  }

  /** The upload is out of memory when it returns; what goes on is small. */
  private async takeIn(
    userId: string,
    request: FastifyRequest,
    key: string | undefined,
  ): Promise<() => Promise<StoredAnswer>> {
    const memory = this.memory.share();
    try {
      const { image, fields } = await readMultipartForm(request, imageLimits(this.config), memory);
      const { name } = parseStyleForm(fields);
      const traceparent = traceparentOf(request.headers.traceparent);
      return await this.accepting.accept(
        { userId, name, image, requestId: request.id, traceparent },
        key,
      );
    } finally {
      memory.release();
    }
  }
}
