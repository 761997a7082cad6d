import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '../common/principal.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import { PageQuery } from '../common/pagination.js';
import { BalanceBody, entryBody, EntryPageBody } from './tokens.dto.js';
import { TokensService } from './tokens.service.js';

@ApiTags('Tokens')
@Authenticated('tokens:read')
@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  @Get('balance')
  @ApiOperation({ operationId: 'tokens.balance', summary: 'How many tokens I have' })
  @ApiOkResponse({ standardSchema: BalanceBody })
  balance(@CurrentPrincipal() caller: Principal): Promise<BalanceBody> {
    return this.tokens.balance(caller.userId);
  }

  @Get('entries')
  @ApiOperation({
    operationId: 'tokens.entries',
    summary: 'Every change of my balance, newest first',
  })
  @ApiOkResponse({ standardSchema: EntryPageBody })
  async entries(
    @CurrentPrincipal() caller: Principal,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<EntryPageBody> {
    const { items, nextCursor } = await this.tokens.lines(caller.userId, page.limit, page.cursor);
    return { items: items.map((line) => entryBody(line)), nextCursor };
  }
}
