import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { linksTo } from '../common/api-answer.js';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import { invalid } from '../common/domain-error.js';
import { PageQuery } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import { IdParam } from '../common/uuid-param.js';
import { apiKeyBody, ApiKeyPageBody, CreatedApiKeyBody, NewApiKeyBody } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';

/** Without a scope: no key may make or revoke keys. */
@ApiTags('API keys')
@Authenticated()
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @ApiOperation({
    operationId: 'apiKeys.create',
    summary: 'Make an API key',
    description:
      'For programs: send it in place of an access token. It can do what its scopes say, and spends the ' +
      "account's tokens within its budget. The key itself is in this answer only.",
  })
  @ApiCreatedResponse({
    standardSchema: CreatedApiKeyBody,
    links: linksTo('$response.body#/id', 'apiKeys.delete'),
  })
  @ApiProblem('API_KEY_QUOTA_EXCEEDED')
  async create(
    @CurrentPrincipal() caller: Principal,
    @Body({ schema: NewApiKeyBody }) body: NewApiKeyBody,
  ): Promise<CreatedApiKeyBody> {
    if (body.expiresAt && body.expiresAt.getTime() <= Date.now())
      throw invalid('expiresAt', 'must be in the future');
    const { key, ...made } = await this.keys.create(caller.userId, body);
    return { ...apiKeyBody(made), key };
  }

  @Get()
  @ApiOperation({ operationId: 'apiKeys.list', summary: 'My API keys, newest first' })
  @ApiOkResponse({ standardSchema: ApiKeyPageBody })
  async listKeys(
    @CurrentPrincipal() caller: Principal,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<ApiKeyPageBody> {
    const { items, nextCursor } = await this.keys.list(caller.userId, page.limit, page.cursor);
    return { items: items.map((key) => apiKeyBody(key)), nextCursor };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'apiKeys.delete',
    summary: 'Revoke an API key',
    description: 'For good and at once; what it submitted goes on.',
  })
  @ApiNoContentResponse()
  @ApiProblem('NOT_FOUND')
  deleteKey(@CurrentPrincipal() caller: Principal, @IdParam() id: string): Promise<void> {
    return this.keys.revoke(caller.userId, id);
  }
}
