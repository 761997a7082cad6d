import { Controller, Delete, Get, HttpCode, Query } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { linksTo } from '../common/api-answer.js';
import { ApiProblem } from '../common/api-problem.js';
import { openApiOf } from '../common/api-schema.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import { PageQuery } from '../common/pagination.js';
import type { UserPrincipal } from '../common/principal.js';
import { Id, IdParam } from '../common/uuid-param.js';
import { listedSessionBody, SessionPageBody } from './sessions.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('Accounts')
@Authenticated()
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Get()
  @ApiOperation({
    operationId: 'sessions.list',
    summary: 'Where I am logged in',
    description: 'At most 100: one more login ends the oldest session.',
  })
  @ApiOkResponse({
    standardSchema: SessionPageBody,
    links: linksTo('$response.body#/items/0/id', 'sessions.end'),
  })
  async list(
    @CurrentPrincipal() caller: UserPrincipal,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<SessionPageBody> {
    const { items, nextCursor } = await this.sessions.list(caller.userId, page.limit, page.cursor);
    return { items: items.map((item) => listedSessionBody(item, caller.sessionId)), nextCursor };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiParam({ name: 'id', schema: openApiOf(Id).schema })
  @ApiOperation({
    operationId: 'sessions.end',
    summary: 'Log a device out',
    description: 'Its refresh token ends at once, its access token within 5 seconds.',
  })
  @ApiNoContentResponse()
  @ApiProblem('NOT_FOUND')
  end(@CurrentPrincipal() caller: UserPrincipal, @IdParam() id: string): Promise<void> {
    return this.sessions.end(caller.userId, id);
  }
}
