import { Controller, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiter } from '../../auth/rate-limiter.js';
import { CHARGE_HEADERS, IDEMPOTENCY_KEY, JPEG, linksTo } from '../../common/api-answer.js';
import { ApiProblem } from '../../common/api-problem.js';
import { openApiOf } from '../../common/api-schema.js';
import { Id } from '../../common/uuid-param.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { traceparentOf } from '../../common/trace-context.js';
import { parseIdempotencyKey } from '../../idempotency/idempotency.js';
import { ConcurrentRequests } from '../../limits/concurrent-requests.js';
import { Uploads } from '../../uploads/uploads.service.js';
import { TransformationBody } from '../transformation.dto.js';
import { preferencesOf } from './request-preferences.js';
import { parseSubmissionForm, SubmissionBody } from './submission-form.js';
import { SubmissionsService } from './submissions.service.js';
import { TransformationFiles } from '../transformation-files.js';
import { TransformationsService } from '../transformations.service.js';

const HEADERS = {
  ...CHARGE_HEADERS,
  'X-Transformation-Id': { schema: openApiOf(Id).schema },
  Location: { schema: { type: 'string' }, description: 'Path of the transformation.' },
} as const;
const NEXT = ['get', 'result', 'original', 'events', 'cancel', 'delete'].map(
  (name) => `transformations.${name}`,
);

@ApiTags('Transformations')
@Authenticated('transformations:write')
@Controller('v1/transformations')
export class SubmissionsController {
  constructor(
    private readonly submissions: SubmissionsService,
    private readonly transformations: TransformationsService,
    private readonly files: TransformationFiles,
    private readonly uploads: Uploads,
    private readonly rateLimiter: RateLimiter,
    private readonly concurrent: ConcurrentRequests,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'transformations.create',
    summary: 'Stylize an image',
    description:
      'Tokens are held immediately, charged when the JPG is stored, and refunded if it fails. ' +
      'The response waits for the result (30 s unless `Prefer` says otherwise). ' +
      'With `Accept: image/jpeg` it is the JPG itself.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: openApiOf(SubmissionBody, 'input').schema })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`respond-async`: do not wait. `wait=N`: wait N seconds, 0 to 60 (default 30).',
    schema: { type: 'string' },
  })
  @ApiResponse({
    status: 200,
    description: 'The JPG, if `Accept: image/jpeg` asks for it.',
    content: JPEG,
    headers: HEADERS,
    links: linksTo('$response.header.X-Transformation-Id', ...NEXT),
  })
  @ApiResponse({
    status: 201,
    description: 'The completed transformation.',
    standardSchema: TransformationBody,
    headers: HEADERS,
    links: linksTo('$response.body#/id', ...NEXT),
  })
  @ApiResponse({
    status: 202,
    description: 'Accepted and not completed yet. `Location` says where to ask.',
    standardSchema: TransformationBody,
    headers: HEADERS,
    links: linksTo('$response.body#/id', ...NEXT),
  })
  @ApiProblem(
    'INSUFFICIENT_TOKENS',
    'KEY_BUDGET_EXCEEDED',
    'STYLE_NOT_FOUND',
    'STYLE_OUTDATED',
    'QUOTE_NOT_FOUND',
    'QUOTE_MISMATCH',
    'IDEMPOTENCY_KEY_IN_USE',
    'TRANSFORMATION_CANCELLED',
    'WEBHOOK_SECRET_REQUIRED',
    'WEBHOOK_ENDPOINT_DISABLED',
    'IMAGE_TOO_LARGE',
    'UNSUPPORTED_IMAGE',
    'IMAGE_UNREADABLE',
    'IMAGE_TOO_SMALL',
    'IDEMPOTENCY_KEY_REUSED',
    'URL_NOT_ALLOWED',
    'URL_UNREACHABLE',
    'RATE_LIMITED',
    'TRANSFORMATION_FAILED',
    'INFERENCE_UNAVAILABLE',
    'OVERLOADED',
    'STORAGE_UNAVAILABLE',
    'STORAGE_FULL',
  )
  async submit(
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const key = parseIdempotencyKey(request.headers['idempotency-key']);
    await this.rateLimiter.submission(principal.userId, reply);
    const { id: requestId, headers } = request;
    const preferences = preferencesOf(headers);
    // Refused before anything is held, if it could not wait later.
    if (preferences.waitMs > 0)
      this.concurrent.holdFor(reply, 'waiting submissions', principal.userId);
    const traceparent = traceparentOf(headers.traceparent);
    const answering = await this.uploads.receive(request, ({ image, fields }) =>
      this.submissions.accept(
        { ...parseSubmissionForm(fields), principal, image, requestId, traceparent },
        key,
        preferences,
      ),
    );
    const answer = await answering();
    void reply.code(answer.status).headers(answer.headers);
    if (answer.body !== undefined) return void (await reply.send(answer.body));
    const id = answer.headers['x-transformation-id'] ?? '';
    const transformation = await this.transformations.get(principal, id);
    const { stream, bytes } = await this.files.result(transformation);
    await reply.type('image/jpeg').header('content-length', bytes).send(stream);
  }
}
