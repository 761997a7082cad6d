import { Controller, Post, Req, Res } from '@nestjs/common';
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
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { traceparentOf } from '../../common/trace-context.js';
import { parseIdempotencyKey } from '../../idempotency/idempotency.js';
import { Uploads } from '../../uploads/uploads.service.js';
import { StyleCreationsService } from './style-creations.service.js';
import { parseStyleForm } from './style-form.js';
import { newStyleSchema, StyleBody } from '../styles.dto.js';

@ApiTags('Styles')
@Authenticated()
@Controller('v1/styles')
export class CreateStyleController {
  constructor(
    private readonly creations: StyleCreationsService,
    private readonly uploads: Uploads,
    private readonly rateLimiter: RateLimiter,
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
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StyleBody> {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    await this.rateLimiter.submission(principal.userId);
    const { id: requestId } = request;
    const traceparent = traceparentOf(request.headers.traceparent);
    const answering = await this.uploads.receive(request, ({ image, fields }) =>
      this.creations.accept(
        { ...parseStyleForm(fields), principal, image, requestId, traceparent },
        key,
      ),
    );
    const { headers, body } = await answering();
    void reply.headers(headers);
    return body as StyleBody;
  }
}
