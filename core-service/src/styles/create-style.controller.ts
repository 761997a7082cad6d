import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiter } from '../auth/rate-limiter.js';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentCaller } from '../common/authenticated.js';
import type { Caller } from '../common/caller.js';
import { traceparentOf } from '../common/trace-context.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { imageLimits } from '../uploads/image-limits.js';
import { readMultipartForm } from '../uploads/multipart-form.js';
import { UploadMemory } from '../uploads/upload-memory.js';
import { CreateStyle } from './create-style.js';
import { normaliseStylePicture } from './normalise-style-picture.js';
import { parseStyleForm } from './style-form.js';
import { newStyleSchema, StyleBody } from './styles.dto.js';

@ApiTags('Styles')
@Authenticated()
@Controller('v1/styles')
export class CreateStyleController {
  constructor(
    private readonly creating: CreateStyle,
    private readonly memory: UploadMemory,
    private readonly rateLimiter: RateLimiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Make a style of any picture',
    description:
      'Its tokens (`GET /v1/pricing`) are set aside at once, paid when the style is there, and given ' +
      'back if it fails. The style is made of the centre square of the picture, which is not kept. ' +
      'There is no `Idempotency-Key` here: a request that is repeated makes another style.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: newStyleSchema })
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
    'STYLE_QUOTA_EXCEEDED',
    'IMAGE_TOO_LARGE',
    'UNSUPPORTED_IMAGE',
    'IMAGE_UNREADABLE',
    'IMAGE_TOO_SMALL',
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
    await this.rateLimiter.submission(userId);
    const { style, available } = await this.creating.create({
      ...(await this.takeIn(request)),
      userId,
      requestId: request.id,
      traceparent: traceparentOf(request.headers.traceparent),
    });
    void reply.headers({ 'x-tokens-charged': style.price, 'x-tokens-available': available });
    return StyleBody.ofCustom(style);
  }

  /** The upload is out of memory when it returns; what goes on is small. */
  private async takeIn(request: FastifyRequest): Promise<{ name: string; picture: Buffer }> {
    const memory = this.memory.share();
    try {
      const limits = imageLimits(this.config);
      const { image, fields } = await readMultipartForm(request, limits, memory);
      const { name } = parseStyleForm(fields);
      return { name, picture: await normaliseStylePicture(image, limits) };
    } finally {
      memory.release();
    }
  }
}
