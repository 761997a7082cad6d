import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { answeredUnchanged } from '../../common/etag.js';
import { IdParam } from '../../common/uuid-param.js';
import {
  TransformationBody,
  TransformationListQuery,
  TransformationPageBody,
} from '../transformation.dto.js';
import { eventStream } from './event-stream.js';
import { TransformationFiles } from '../transformation-files.js';
import { TransformationsService } from '../transformations.service.js';
import { WatchTransformation } from '../watch-transformation.js';

const JPEG = { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } } as const;

@ApiTags('Transformations')
@Authenticated()
@ApiProblem('VALIDATION_FAILED')
@Controller('v1/transformations')
export class TransformationsController {
  constructor(
    private readonly transformations: TransformationsService,
    private readonly files: TransformationFiles,
    private readonly watch: WatchTransformation,
  ) {}

  @Get()
  @ApiOperation({ summary: 'My transformations, newest first' })
  @ApiOkResponse({ type: TransformationPageBody })
  async listTransformations(
    @CurrentPrincipal() principal: Principal,
    @Query() query: TransformationListQuery,
  ): Promise<TransformationPageBody> {
    const { items, nextCursor } = await this.transformations.list(principal, query);
    return { items: items.map((item) => TransformationBody.of(item)), nextCursor };
  }

  @Get(':id')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({ summary: 'How a transformation stands' })
  @ApiOkResponse({ type: TransformationBody })
  @ApiProblem('NOT_FOUND')
  async get(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
  ): Promise<TransformationBody> {
    return TransformationBody.of(await this.transformations.get(principal, id));
  }

  @Get(':id/result')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({ summary: 'The JPG' })
  @ApiHeader({ name: 'If-None-Match', required: false })
  @ApiResponse({ status: 200, content: JPEG, headers: { ETag: { schema: { type: 'string' } } } })
  @ApiResponse({ status: 304, description: 'The one you have is current.' })
  @ApiProblem('NOT_FOUND', 'NOT_READY', 'RESULT_EXPIRED')
  async result(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { stream, bytes, digest } = await this.files.result(
      await this.transformations.get(principal, id),
    );
    void reply.header('cache-control', 'private, max-age=86400');
    if (await answeredUnchanged(request, reply, `"${digest}"`)) {
      stream.destroy();
      return;
    }
    await reply
      .headers({
        'content-length': bytes,
        'content-disposition': `inline; filename="stylizer-${id}.jpg"`,
      })
      .type('image/jpeg')
      .send(stream);
  }

  @Get(':id/original')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    summary: 'What was uploaded, normalised',
    description: 'Upright, sRGB, without metadata.',
  })
  @ApiResponse({ status: 200, content: JPEG })
  @ApiProblem('NOT_FOUND', 'RESULT_EXPIRED')
  async original(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { stream, bytes } = await this.files.original(
      await this.transformations.get(principal, id),
    );
    await reply
      .headers({ 'content-length': bytes, 'cache-control': 'private, max-age=86400' })
      .type('image/jpeg')
      .send(stream);
  }

  @Get(':id/events')
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    summary: 'Follow a transformation',
    description:
      'Server-sent events `queued`, `processing`, then `completed`, `failed` or `cancelled`, which is the ' +
      'last; the data of each is the transformation. `processing` comes again, about once a second at ' +
      'most, as the tiles of a large picture get done (`progress`). A client that connects late ' +
      'first gets what went before, with the latest progress.',
  })
  @ApiResponse({ status: 200, content: { 'text/event-stream': { schema: { type: 'string' } } } })
  @ApiProblem('NOT_FOUND')
  async events(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.transformations.get(principal, id);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const states = this.watch.states(id, gone.signal, { progress: true });
    await reply
      .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
      .type('text/event-stream')
      .send(Readable.from(eventStream(states), { objectMode: false }));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({ summary: 'Cancel while it is pending; its tokens come back' })
  @ApiOkResponse({ type: TransformationBody })
  @ApiProblem('NOT_FOUND', 'NOT_CANCELLABLE')
  async cancel(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
  ): Promise<TransformationBody> {
    return TransformationBody.of(await this.transformations.cancel(principal, id));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    summary: 'Delete its images for good',
    description: 'The lines of the ledger stay. One that is pending is cancelled first.',
  })
  @ApiNoContentResponse()
  @ApiProblem('NOT_FOUND', 'TRANSFORMATION_IN_PROGRESS')
  delete(@CurrentPrincipal() principal: Principal, @IdParam() id: string): Promise<void> {
    return this.transformations.delete(principal, id);
  }
}
