import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { quoteBody, QuoteBody, QuoteRequestBody, stylesOf } from './quotes.dto.js';
import { Quotes } from './quotes.service.js';

@ApiTags('Transformations')
@Controller('v1/transformations/quote')
export class QuotesController {
  constructor(private readonly quotes: Quotes) {}

  @Post()
  @HttpCode(200)
  @Authenticated('transformations:write')
  @ApiOperation({
    operationId: 'transformations.quote',
    summary: 'What a transformation will cost',
    description:
      'Takes the options of `POST /v1/transformations`, and the size of the image instead of the image. ' +
      'Send `id` as `quoteId` with the image within 15 minutes, and you pay this price.',
  })
  @ApiOkResponse({ standardSchema: QuoteBody })
  @ApiProblem('STYLE_NOT_FOUND', 'STYLE_OUTDATED', 'INFERENCE_UNAVAILABLE')
  async quote(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: QuoteRequestBody }) body: QuoteRequestBody,
  ): Promise<QuoteBody> {
    const { width, height, style, styles, ...options } = body;
    return quoteBody(
      await this.quotes.quote(principal, { width, height }, stylesOf(style, styles), options),
    );
  }
}
