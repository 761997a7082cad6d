import { Controller, Delete, Get, HttpCode, Param, Req, Res } from '@nestjs/common';
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
import { validate as isUuid } from 'uuid';
import { CACHE_HEADERS, IF_NONE_MATCH, linksTo, WEBP } from '../common/api-answer.js';
import { ApiProblem } from '../common/api-problem.js';
import { openApiOf } from '../common/api-schema.js';
import { Id } from '../common/uuid-param.js';
import { Authenticated, CurrentPrincipal, MaybeAuthenticated } from '../common/authenticated.js';
import type { Principal } from '../common/principal.js';
import { answeredUnchanged, etagOf } from '../common/etag.js';
import { Catalogue } from './catalogue.js';
import { catalogueStyleBody, customStyleBody, StyleListBody } from './styles.dto.js';
import { StylesService } from './styles.service.js';

/** Another model makes other previews under the same addresses. */
const PREVIEW_MAX_AGE = 'max-age=300';

@ApiTags('Styles')
@Controller('v1/styles')
export class StylesController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly styles: StylesService,
  ) {}

  @Get()
  @MaybeAuthenticated('styles:read')
  @ApiOperation({
    operationId: 'styles.list',
    summary: 'Styles to choose from',
    description:
      'With a bearer token, my custom styles come first, newest first; then the catalogue.',
  })
  @ApiHeader(IF_NONE_MATCH)
  @ApiOkResponse({
    standardSchema: StyleListBody,
    headers: CACHE_HEADERS,
    links: linksTo('$response.body#/items/0/id', 'styles.preview'),
  })
  @ApiResponse({ status: 304, description: 'Not changed.', headers: CACHE_HEADERS })
  @ApiProblem('INFERENCE_UNAVAILABLE')
  async listStyles(
    @CurrentPrincipal() principal: Principal | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [own, catalogue] = await Promise.all([
      principal ? this.styles.listOwn(principal) : [],
      this.catalogue.all(),
    ]);
    const list: StyleListBody = {
      items: [
        ...own.map((style) => customStyleBody(style)),
        ...catalogue.map((style) => catalogueStyleBody(style)),
      ],
    };
    const text = JSON.stringify(list);
    void reply.headers({
      'cache-control': principal ? 'private, no-cache' : 'public, max-age=60',
      vary: 'authorization, origin',
    });
    if (await answeredUnchanged(request, reply, etagOf(text))) return;
    await reply.type('application/json').send(text);
  }

  @Get(':id/preview')
  @MaybeAuthenticated('styles:read')
  @ApiParam({
    name: 'id',
    description: 'A word if it is in the catalogue, a UUID if it is custom.',
    schema: { type: 'string', minLength: 1, maxLength: 100, example: 'starry-night' },
  })
  @ApiOperation({
    operationId: 'styles.preview',
    summary: 'The sample scene in a style',
    description: 'Public for the catalogue; a custom style needs the bearer token of its owner.',
  })
  @ApiHeader(IF_NONE_MATCH)
  @ApiOkResponse({ content: WEBP, headers: CACHE_HEADERS })
  @ApiResponse({ status: 304, description: 'Not changed.', headers: CACHE_HEADERS })
  @ApiProblem('STYLE_NOT_FOUND', 'INFERENCE_UNAVAILABLE', 'STORAGE_UNAVAILABLE')
  async preview(
    @CurrentPrincipal() principal: Principal | undefined,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const own = isUuid(id);
    const preview = own
      ? await this.styles.ownPreview(principal, id)
      : await this.styles.cataloguePreview(id);
    void reply.header('cache-control', `${own ? 'private' : 'public'}, ${PREVIEW_MAX_AGE}`);
    // Any web page may show these.
    if (!own) reply.raw.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (await answeredUnchanged(request, reply, etagOf(preview))) return;
    await reply.type('image/webp').send(preview);
  }

  @Delete(':id')
  @Authenticated('styles:write')
  @HttpCode(204)
  @ApiParam({ name: 'id', schema: openApiOf(Id).schema })
  @ApiOperation({
    operationId: 'styles.delete',
    summary: 'Delete a custom style',
    description:
      'Its preview and the image we kept of it are deleted at once. Transformations that were accepted with ' +
      'it still run. If another model comes into service before their turn, they fail with ' +
      '`STYLE_OUTDATED` and their tokens are refunded.',
  })
  @ApiNoContentResponse()
  @ApiProblem('STYLE_NOT_FOUND')
  deleteStyle(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.styles.delete(principal, id);
  }
}
