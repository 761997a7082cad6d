import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditLog } from '../audit/audit-log.js';
import { ApiProblem } from '../common/api-problem.js';
import { Operator } from '../common/operator.js';
import { TokensService } from '../tokens/tokens.service.js';
import { auditEntryBody, AuditPageBody, AuditQuery, TrialBalanceBody } from './admin.dto.js';

@ApiTags('Administration')
@Operator()
@Controller('v1/admin')
export class AdminBooksController {
  constructor(
    private readonly audit: AuditLog,
    private readonly tokens: TokensService,
  ) {}

  @Get('audit')
  @ApiOperation({
    operationId: 'admin.audit.list',
    summary: 'What operators did, newest first',
    description: 'Entries are written with the act and never change.',
  })
  @ApiOkResponse({ standardSchema: AuditPageBody })
  @ApiProblem('OPERATOR_ONLY')
  async auditLog(
    @Query({ schema: AuditQuery }) { cursor, ...query }: AuditQuery,
  ): Promise<AuditPageBody> {
    const { items, nextCursor } = await this.audit.list({ ...query, before: cursor });
    return { items: items.map((entry) => auditEntryBody(entry)), nextCursor };
  }

  @Get('trial-balance')
  @ApiOperation({
    operationId: 'admin.trialBalance',
    summary: 'The sum of all balances, by kind of account',
  })
  @ApiOkResponse({ standardSchema: TrialBalanceBody })
  @ApiProblem('OPERATOR_ONLY')
  trialBalance(): Promise<TrialBalanceBody> {
    return this.tokens.trialBalance();
  }
}
