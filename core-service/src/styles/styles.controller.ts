import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problem.js';
import { MaybeAuthenticated } from '../common/authenticated.js';
import { DomainError } from '../common/domain-error.js';
import { Catalogue } from './catalogue.js';
import { StyleBody, StyleListBody } from './styles.dto.js';

@ApiTags('Styles')
@Controller('v1/styles')
export class StylesController {
  constructor(private readonly catalogue: Catalogue) {}

  @Get()
  @MaybeAuthenticated()
  @ApiOperation({ summary: 'Styles to choose from' })
  @ApiOkResponse({ type: StyleListBody })
  @ApiProblem('INFERENCE_UNAVAILABLE')
  async listStyles(): Promise<StyleListBody> {
    const styles = await this.catalogue.all();
    return { items: styles.map((style) => StyleBody.of(style)) };
  }

  @Get(':id/preview')
  @Header('content-type', 'image/webp')
  @Header('cache-control', 'public, max-age=86400')
  @ApiOperation({ summary: 'What a style makes of the sample scene' })
  @ApiProduces('image/webp')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  @ApiProblem('STYLE_NOT_FOUND', 'INFERENCE_UNAVAILABLE')
  async preview(@Param('id') id: string): Promise<StreamableFile> {
    const preview = await this.catalogue.preview(id);
    if (!preview) throw new DomainError('STYLE_NOT_FOUND', 'There is no such style.');
    return new StreamableFile(preview, { type: 'image/webp', length: preview.length });
  }
}
