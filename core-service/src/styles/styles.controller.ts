import { Controller, Delete, Get, HttpCode, Param, Req, Res } from '@nestjs/common';
import {
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { validate as isUuid } from 'uuid';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal, MaybeAuthenticated } from '../common/authenticated.js';
import type { Principal } from '../common/principal.js';
import { answeredUnchanged, etagOf } from '../common/etag.js';
import { Catalogue } from './catalogue.js';
import { StyleBody, StyleListBody } from './styles.dto.js';
import { StylesService } from './styles.service.js';

const WEBP = 'image/webp';
const ETAG = { ETag: { schema: { type: 'string' } } } as const;
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
  @MaybeAuthenticated()
  @ApiOperation({
    summary: 'Styles to choose from',
    description: 'With a bearer token my own styles come first, newest first; then the catalogue.',
  })
  @ApiHeader({ name: 'If-None-Match', required: false })
  @ApiOkResponse({ type: StyleListBody, headers: ETAG })
  @ApiResponse({ status: 304, description: 'The list you have is current.' })
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
        ...own.map((style) => StyleBody.ofCustom(style)),
        ...catalogue.map((style) => StyleBody.ofCatalogue(style)),
      ],
    };
    const text = JSON.stringify(list);
    void reply.headers({
      'cache-control': principal ? 'private, no-cache' : 'public, max-age=60',
      vary: 'authorization',
    });
    if (await answeredUnchanged(request, reply, etagOf(text))) return;
    await reply.type('application/json').send(text);
  }

  @Get(':id/preview')
  @MaybeAuthenticated()
  @ApiParam({ name: 'id', description: 'A word for a catalogue style, a UUID for one of my own.' })
  @ApiOperation({
    summary: 'What a style makes of the sample scene',
    description: "The catalogue's are public; my own want my bearer token.",
  })
  @ApiProduces(WEBP)
  @ApiHeader({ name: 'If-None-Match', required: false })
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' }, headers: ETAG })
  @ApiResponse({ status: 304, description: 'The one you have is current.' })
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
    if (await answeredUnchanged(request, reply, etagOf(preview))) return;
    await reply.type(WEBP).send(preview);
  }

  @Delete(':id')
  @Authenticated()
  @HttpCode(204)
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    summary: 'Delete a style of my own',
    description:
      'Its preview and the picture that was kept of it are erased at once. Transformations that were ' +
      'accepted with it are still worked on; should another model be put into service before their ' +
      'turn comes, they fail with `STYLE_OUTDATED` and their tokens are refunded.',
  })
  @ApiNoContentResponse()
  @ApiProblem('STYLE_NOT_FOUND')
  deleteStyle(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.styles.delete(principal, id);
  }
}
