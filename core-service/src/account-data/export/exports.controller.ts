import { Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { linksTo } from '../../common/api-answer.js';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { Principal } from '../../common/principal.js';
import { IdParam } from '../../common/uuid-param.js';
import { ExportBody, exportBody } from './exports.dto.js';
import { ExportsService } from './exports.service.js';

/** The bytes of a date in ISO 8601 before its time. */
const DAY = 10;

@ApiTags('Accounts')
@Authenticated()
@Controller('v1/me/export')
export class ExportsController {
  constructor(private readonly exports: ExportsService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'me.export',
    summary: 'Ask for everything that is stored about me',
    description:
      'A ZIP file with JSON (account, sessions, ledger, transformations, styles, …) and my images. It is made in ' +
      'the background; `manifest.json` in it lists what could not be included. One at a time.',
  })
  @ApiAcceptedResponse({
    standardSchema: ExportBody,
    links: linksTo('$response.body#/id', 'me.export.get', 'me.export.file'),
  })
  @ApiProblem('EXPORT_IN_PROGRESS', 'RATE_LIMITED')
  async request(@CurrentPrincipal() caller: Principal): Promise<ExportBody> {
    return exportBody(await this.exports.request(caller));
  }

  @Get(':id')
  @ApiOperation({ operationId: 'me.export.get', summary: 'An export and its status' })
  @ApiOkResponse({ standardSchema: ExportBody })
  @ApiProblem('NOT_FOUND')
  async get(@CurrentPrincipal() caller: Principal, @IdParam() id: string): Promise<ExportBody> {
    return exportBody(await this.exports.get(caller, id));
  }

  @Get(':id/file')
  @ApiOperation({ operationId: 'me.export.file', summary: 'The ZIP file of an export' })
  @ApiOkResponse({
    content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
    headers: {
      'Content-Disposition': {
        schema: { type: 'string', example: 'attachment; filename="stylizer-2026-11-29.zip"' },
      },
    },
  })
  @ApiProblem('NOT_FOUND', 'NOT_READY', 'STORAGE_UNAVAILABLE')
  async file(
    @CurrentPrincipal() caller: Principal,
    @IdParam() id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { stream, bytes, createdAt } = await this.exports.open(caller, id);
    const name = `stylizer-${createdAt.toISOString().slice(0, DAY)}.zip`;
    await reply
      .headers({
        'content-length': bytes,
        'content-disposition': `attachment; filename="${name}"`,
        'cache-control': 'private, no-store',
      })
      .type('application/zip')
      .send(stream);
  }
}
