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
import { CHARGE_HEADERS, IDEMPOTENCY_KEY, linksTo } from '../../common/api-answer.js';
import { ApiProblem } from '../../common/api-problem.js';
import { openApiOf } from '../../common/api-schema.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { traceparentOf } from '../../common/trace-context.js';
import { parseIdempotencyKey } from '../../idempotency/idempotency.js';
import { Uploads } from '../../uploads/uploads.service.js';
import { StyleCreationsService } from './style-creations.service.js';
import { NewStyleBody, parseStyleForm } from './style-form.js';
import { StyleBody } from '../styles.dto.js';

@ApiTags('Styles')
@Authenticated('styles:write')
@Controller('v1/styles')
export class CreateStyleController {
  constructor(
    private readonly creations: StyleCreationsService,
    private readonly uploads: Uploads,
    private readonly rateLimiter: RateLimiter,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'styles.create',
    summary: 'Make a custom style from any image',
    description:
      'Its tokens (`GET /v1/pricing`) are held immediately, charged when the style is ready, and refunded ' +
      'if it fails. The style is made from the center square of the image. We keep only a JPEG of that ' +
      'square, at most 512 pixels a side: when a better model comes into service, the style is made again ' +
      'from it, free of charge, the next time it is used. Nobody can see it, and it is deleted with the style.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: openApiOf(NewStyleBody, 'input').schema })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiCreatedResponse({
    standardSchema: StyleBody,
    headers: CHARGE_HEADERS,
    links: linksTo('$response.body#/id', 'styles.preview', 'styles.delete'),
  })
  @ApiProblem(
    'INSUFFICIENT_TOKENS',
    'KEY_BUDGET_EXCEEDED',
    'STYLE_NOT_FOUND',
    'STYLE_QUOTA_EXCEEDED',
    'IDEMPOTENCY_KEY_IN_USE',
    'IMAGE_TOO_LARGE',
    'UNSUPPORTED_IMAGE',
    'IMAGE_UNREADABLE',
    'IMAGE_TOO_SMALL',
    'IDEMPOTENCY_KEY_REUSED',
    'URL_NOT_ALLOWED',
    'URL_UNREACHABLE',
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
    await this.rateLimiter.submission(principal.userId, reply);
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
