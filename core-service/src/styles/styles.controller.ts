import { Controller, Delete, Get, HttpCode, Param, Res, StreamableFile } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { validate as isUuid } from 'uuid';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentCaller, MaybeAuthenticated } from '../common/authenticated.js';
import type { Caller } from '../common/caller.js';
import { Catalogue } from './catalogue.js';
import { StyleBody, StyleListBody } from './styles.dto.js';
import { StylesService } from './styles.service.js';

const WEBP = 'image/webp';

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
  @ApiOkResponse({ type: StyleListBody })
  @ApiProblem('INFERENCE_UNAVAILABLE')
  async listStyles(@CurrentCaller() caller: Caller | undefined): Promise<StyleListBody> {
    const [own, catalogue] = await Promise.all([
      caller ? this.styles.listOwn(caller.userId) : [],
      this.catalogue.all(),
    ]);
    return {
      items: [
        ...own.map((style) => StyleBody.ofCustom(style)),
        ...catalogue.map((style) => StyleBody.ofCatalogue(style)),
      ],
    };
  }

  @Get(':id/preview')
  @MaybeAuthenticated()
  @ApiParam({ name: 'id', description: 'A word for a catalogue style, a UUID for one of my own.' })
  @ApiOperation({
    summary: 'What a style makes of the sample scene',
    description: "The catalogue's are public; my own want my bearer token.",
  })
  @ApiProduces(WEBP)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  @ApiProblem('STYLE_NOT_FOUND', 'INFERENCE_UNAVAILABLE', 'STORAGE_UNAVAILABLE')
  async preview(
    @CurrentCaller() caller: Caller | undefined,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    if (isUuid(id)) {
      const { stream, bytes } = await this.styles.ownPreview(caller?.userId, id);
      void reply.header('cache-control', 'private, max-age=86400');
      return new StreamableFile(stream, { type: WEBP, length: bytes });
    }
    const preview = await this.styles.cataloguePreview(id);
    void reply.header('cache-control', 'public, max-age=86400');
    return new StreamableFile(preview, { type: WEBP, length: preview.length });
  }

  @Delete(':id')
  @Authenticated()
  @HttpCode(204)
  @ApiParam({ name: 'id', format: 'uuid' })
  @ApiOperation({
    summary: 'Delete a style of my own',
    description: 'Transformations that were accepted with it are still worked on.',
  })
  @ApiNoContentResponse()
  @ApiProblem('STYLE_NOT_FOUND')
  deleteStyle(@CurrentCaller() { userId }: Caller, @Param('id') id: string): Promise<void> {
    return this.styles.delete(userId, id);
  }
}
