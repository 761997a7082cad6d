import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '../common/principal.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import { ApiProblem } from '../common/api-problem.js';
import { PageQuery } from '../common/pagination.js';
import { BalanceBody, EntryBody, EntryPageBody } from './tokens.dto.js';
import { TokensService } from './tokens.service.js';

@ApiTags('Tokens')
@Authenticated()
@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  @Get('balance')
  @ApiOperation({ summary: 'How many tokens I have' })
  @ApiOkResponse({ type: BalanceBody })
  balance(@CurrentPrincipal() caller: Principal): Promise<BalanceBody> {
    return this.tokens.balance(caller.userId);
  }

  @Get('entries')
  @ApiOperation({ summary: 'Every change of my balance, newest first' })
  @ApiOkResponse({ type: EntryPageBody })
  @ApiProblem('VALIDATION_FAILED')
  async entries(
    @CurrentPrincipal() caller: Principal,
    @Query() page: PageQuery,
  ): Promise<EntryPageBody> {
    const { items, nextCursor } = await this.tokens.lines(caller.userId, page.limit, page.cursor);
    return { items: items.map((line) => EntryBody.of(line)), nextCursor };
  }
}
