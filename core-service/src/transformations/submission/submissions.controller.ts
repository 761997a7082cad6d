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
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { traceparentOf } from '../../common/trace-context.js';
import { parseIdempotencyKey } from '../../idempotency/idempotency.js';
import { Uploads } from '../../uploads/uploads.service.js';
import { submissionSchema } from './submission.schema.js';
import { TransformationBody } from '../transformation.dto.js';
import { preferencesOf } from './request-preferences.js';
import { parseSubmissionForm } from './submission-form.js';
import { SubmissionsService } from './submissions.service.js';
import { TransformationFiles } from '../transformation-files.js';
import { TransformationsService } from '../transformations.service.js';

const CHARGE_HEADERS = {
  'X-Transformation-Id': { schema: { type: 'string', format: 'uuid' } },
  'X-Tokens-Charged': { description: 'Tokens set aside or paid.', schema: { type: 'integer' } },
  'X-Tokens-Available': { description: 'Tokens left to spend.', schema: { type: 'integer' } },
} as const;

@ApiTags('Transformations')
@Authenticated()
@Controller('v1/transformations')
export class SubmissionsController {
  constructor(
    private readonly submissions: SubmissionsService,
    private readonly transformations: TransformationsService,
    private readonly files: TransformationFiles,
    private readonly uploads: Uploads,
    private readonly rateLimiter: RateLimiter,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Stylise a picture',
    description:
      'Tokens are set aside at once, paid when the JPG is stored, and refunded if it fails. ' +
      'The answer waits for the picture (30 s unless `Prefer` says otherwise). ' +
      'With `Accept: image/jpeg` it is the JPG itself.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: submissionSchema })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Up to 255 characters. The same key and request again: the same answer, no second charge; for 24 hours.',
  })
  @ApiHeader({
    name: 'Prefer',
    required: false,
    description: '`respond-async`: do not wait. `wait=N`: wait N seconds, 0 to 60.',
  })
  @ApiResponse({
    status: 200,
    description: 'The JPG, when `Accept: image/jpeg` asks for it.',
    content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } },
    headers: CHARGE_HEADERS,
  })
  @ApiResponse({
    status: 201,
    description: 'The completed transformation.',
    type: TransformationBody,
    headers: CHARGE_HEADERS,
  })
  @ApiResponse({
    status: 202,
    description: 'Accepted; the wait ran out, or was not wanted. `Location` says where to ask.',
    type: TransformationBody,
    headers: { ...CHARGE_HEADERS, Location: { schema: { type: 'string' } } },
  })
  @ApiProblem(
    'VALIDATION_FAILED',
    'INSUFFICIENT_TOKENS',
    'STYLE_NOT_FOUND',
    'STYLE_OUTDATED',
    'IDEMPOTENCY_KEY_IN_USE',
    'TRANSFORMATION_CANCELLED',
    'IMAGE_TOO_LARGE',
    'UNSUPPORTED_IMAGE',
    'IMAGE_UNREADABLE',
    'IMAGE_TOO_SMALL',
    'IDEMPOTENCY_KEY_REUSED',
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
    await this.rateLimiter.submission(principal.userId);
    const { id: requestId, headers } = request;
    const traceparent = traceparentOf(headers.traceparent);
    const answering = await this.uploads.receive(request, ({ image, fields }) =>
      this.submissions.accept(
        { ...parseSubmissionForm(fields), principal, image, requestId, traceparent },
        key,
        preferencesOf(headers),
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
