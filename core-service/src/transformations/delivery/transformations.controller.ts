import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CACHE_HEADERS, IF_NONE_MATCH, JPEG, linksTo } from '../../common/api-answer.js';
import { ApiProblem } from '../../common/api-problem.js';
import { openApiOf } from '../../common/api-schema.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { answeredUnchanged } from '../../common/etag.js';
import { ConcurrentRequests } from '../../limits/concurrent-requests.js';
import { IdParam } from '../../common/uuid-param.js';
import {
  transformationBody,
  TransformationBody,
  TransformationListQuery,
  TransformationPageBody,
} from '../transformation.dto.js';
import { EventBody, eventStream } from './event-stream.js';
import { TransformationFiles } from '../transformation-files.js';
import { TransformationsService } from '../transformations.service.js';
import { WatchTransformation } from '../watch-transformation.js';

@ApiTags('Transformations')
@Controller('v1/transformations')
export class TransformationsController {
  constructor(
    private readonly transformations: TransformationsService,
    private readonly files: TransformationFiles,
    private readonly watch: WatchTransformation,
    private readonly concurrent: ConcurrentRequests,
  ) {}

  @Get()
  @Authenticated('transformations:read')
  @ApiOperation({
    operationId: 'transformations.list',
    summary: 'My transformations, newest first',
  })
  @ApiOkResponse({
    standardSchema: TransformationPageBody,
    links: linksTo('$response.body#/items/0/id', 'transformations.get', 'transformations.result'),
  })
  async listTransformations(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: TransformationListQuery }) query: TransformationListQuery,
  ): Promise<TransformationPageBody> {
    const { items, nextCursor } = await this.transformations.list(principal, query);
    return { items: items.map((item) => transformationBody(item)), nextCursor };
  }

  @Get(':id')
  @Authenticated('transformations:read')
  @ApiOperation({ operationId: 'transformations.get', summary: 'A transformation and its status' })
  @ApiOkResponse({ standardSchema: TransformationBody })
  @ApiProblem('NOT_FOUND')
  async get(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
  ): Promise<TransformationBody> {
    return transformationBody(await this.transformations.get(principal, id));
  }

  @Get(':id/result')
  @Authenticated('transformations:read')
  @ApiOperation({ operationId: 'transformations.result', summary: 'The JPG' })
  @ApiHeader(IF_NONE_MATCH)
  @ApiOkResponse({
    content: JPEG,
    headers: { ...CACHE_HEADERS, 'Content-Disposition': { schema: { type: 'string' } } },
  })
  @ApiResponse({ status: 304, description: 'Not changed.', headers: CACHE_HEADERS })
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
  @Authenticated('transformations:read')
  @ApiOperation({
    operationId: 'transformations.original',
    summary: 'The uploaded image, normalized',
    description: 'Upright, sRGB, without metadata.',
  })
  @ApiOkResponse({
    content: JPEG,
    headers: { 'Cache-Control': CACHE_HEADERS['Cache-Control'] },
  })
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
  @Authenticated('transformations:read')
  @ApiOperation({
    operationId: 'transformations.events',
    summary: 'Follow a transformation',
    description:
      'Server-sent events `queued`, `processing`, and last `completed`, `failed` or `cancelled`; the data of ' +
      'each is the transformation. `processing` repeats with the `progress` of a large image, at most about ' +
      'once a second. A client that connects late first gets the earlier events, with the latest progress.',
  })
  @ApiOkResponse({ content: { 'text/event-stream': { schema: openApiOf(EventBody).schema } } })
  @ApiProblem('NOT_FOUND')
  async events(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.transformations.get(principal, id);
    const gone = new AbortController();
    this.concurrent.holdFor(reply, 'event streams', principal.userId);
    reply.raw.once('close', () => gone.abort());
    const states = this.watch.states(id, gone.signal, { progress: true });
    await reply
      .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
      .type('text/event-stream')
      .send(Readable.from(eventStream(states), { objectMode: false }));
  }

  @Post(':id/cancel')
  @Authenticated('transformations:write')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'transformations.cancel',
    summary: 'Cancel while it is pending; its tokens are refunded',
  })
  @ApiOkResponse({ standardSchema: TransformationBody })
  @ApiProblem('NOT_FOUND', 'NOT_CANCELLABLE')
  async cancel(
    @CurrentPrincipal() principal: Principal,
    @IdParam() id: string,
  ): Promise<TransformationBody> {
    return transformationBody(await this.transformations.cancel(principal, id));
  }

  @Delete(':id')
  @Authenticated('transformations:write')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'transformations.delete',
    summary: 'Delete its images for good',
    description: 'Its ledger entries stay. If it is pending, it is cancelled first.',
  })
  @ApiNoContentResponse()
  @ApiProblem('NOT_FOUND', 'TRANSFORMATION_IN_PROGRESS')
  delete(@CurrentPrincipal() principal: Principal, @IdParam() id: string): Promise<void> {
    return this.transformations.delete(principal, id);
  }
}
