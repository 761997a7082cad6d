import { Body, Controller, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Actor } from '../audit/audit-entry.js';
import { CHARGE_HEADERS, IDEMPOTENCY_KEY, linksTo } from '../common/api-answer.js';
import { ApiProblem } from '../common/api-problem.js';
import { Operator } from '../common/operator.js';
import { IdParam } from '../common/uuid-param.js';
import { parseIdempotencyKey } from '../idempotency/idempotency.js';
import { CurrentActor } from './current-actor.js';
import {
  AdminUserBody,
  adminUserBody,
  AdminUserDetailBody,
  AdminUserPageBody,
  GrantBody,
  GrantedBody,
  ReasonBody,
  RoleBody,
  UserListQuery,
} from './admin.dto.js';
import { Operations } from './operations.service.js';

const ACTS = ['grant', 'setRole', 'suspend', 'unsuspend'].map((name) => `admin.users.${name}`);
const REPLAYED = 'Idempotency-Replayed';

@ApiTags('Administration')
@Operator()
@Controller('v1/admin/users')
export class AdminUsersController {
  constructor(private readonly operations: Operations) {}

  @Get()
  @ApiOperation({ operationId: 'admin.users.list', summary: 'All users, newest first' })
  @ApiOkResponse({
    standardSchema: AdminUserPageBody,
    links: linksTo('$response.body#/items/0/id', 'admin.users.get'),
  })
  @ApiProblem('OPERATOR_ONLY')
  async listUsers(
    @CurrentActor() actor: Actor,
    @Query({ schema: UserListQuery }) { email, cursor, limit }: UserListQuery,
  ): Promise<AdminUserPageBody> {
    const { items, nextCursor } = await this.operations.list(actor, {
      email,
      before: cursor,
      limit,
    });
    return { items: items.map((user) => adminUserBody(user)), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'admin.users.get', summary: 'A user with the balance' })
  @ApiOkResponse({
    standardSchema: AdminUserDetailBody,
    links: linksTo('$response.body#/id', ...ACTS),
  })
  @ApiProblem('OPERATOR_ONLY', 'NOT_FOUND')
  async get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<AdminUserDetailBody> {
    const { balance, ...user } = await this.operations.view(actor, id);
    return { ...adminUserBody(user), balance };
  }

  @Post(':id/grant')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'admin.users.grant',
    summary: 'Give a user tokens',
    description: 'Repeated with its `Idempotency-Key`, it is the same grant, at any time.',
  })
  @ApiHeader({ ...IDEMPOTENCY_KEY, description: 'The same key and request: the same grant.' })
  @ApiOkResponse({
    standardSchema: GrantedBody,
    headers: { [REPLAYED]: CHARGE_HEADERS[REPLAYED] },
  })
  @ApiProblem('OPERATOR_ONLY', 'NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  async grant(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body({ schema: GrantBody }) body: GrantBody,
    @Headers('idempotency-key') header: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GrantedBody> {
    const key = parseIdempotencyKey(header);
    const { available, replayed } = await this.operations.grant(actor, id, body, key);
    if (replayed) void reply.header(REPLAYED, 'true');
    return { available };
  }

  @Put(':id/role')
  @ApiOperation({ operationId: 'admin.users.setRole', summary: "Set a user's role" })
  @ApiOkResponse({ standardSchema: AdminUserBody })
  @ApiProblem('OPERATOR_ONLY', 'NOT_FOUND', 'OWN_ACCOUNT')
  async setRole(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body({ schema: RoleBody }) { role, reason }: RoleBody,
  ): Promise<AdminUserBody> {
    return adminUserBody(await this.operations.setRole(actor, id, role, reason));
  }

  @Post(':id/suspend')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'admin.users.suspend',
    summary: 'Suspend a user',
    description:
      'Every access token and API key of the user is refused with `ACCOUNT_SUSPENDED`, at the latest after five ' +
      'seconds. What was submitted goes on.',
  })
  @ApiOkResponse({ standardSchema: AdminUserBody })
  @ApiProblem('OPERATOR_ONLY', 'NOT_FOUND', 'OWN_ACCOUNT')
  async suspend(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body({ schema: ReasonBody }) { reason }: ReasonBody,
  ): Promise<AdminUserBody> {
    return adminUserBody(await this.operations.suspend(actor, id, reason));
  }

  @Post(':id/unsuspend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'admin.users.unsuspend', summary: "End a user's suspension" })
  @ApiOkResponse({ standardSchema: AdminUserBody })
  @ApiProblem('OPERATOR_ONLY', 'NOT_FOUND', 'OWN_ACCOUNT')
  async unsuspend(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body({ schema: ReasonBody }) { reason }: ReasonBody,
  ): Promise<AdminUserBody> {
    return adminUserBody(await this.operations.unsuspend(actor, id, reason));
  }
}
