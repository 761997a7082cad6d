import { Body, Controller, Delete, Get, HttpCode, Ip, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { linksTo } from '../../common/api-answer.js';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { UserPrincipal } from '../../common/principal.js';
import { IdParam } from '../../common/uuid-param.js';
import { Reauthentication } from '../reauthentication.js';
import {
  CreationOptions,
  NewPasskeyBody,
  PasskeyBody,
  PasskeyConfirmation,
  PasskeyList,
} from './passkeys.dto.js';
import type { Passkey } from './passkeys.repository.js';
import { PasskeysService } from './passkeys.service.js';

@ApiTags('Accounts')
@Authenticated()
@Controller('v1/me')
export class PasskeysController {
  constructor(
    private readonly passkeys: PasskeysService,
    private readonly reauthentication: Reauthentication,
  ) {}

  @Get('passkeys')
  @ApiOperation({ operationId: 'me.passkeys.list', summary: 'My passkeys, newest first' })
  @ApiOkResponse({ standardSchema: PasskeyList })
  async list(@CurrentPrincipal() { userId }: UserPrincipal): Promise<PasskeyList> {
    return { items: (await this.passkeys.list(userId)).map(passkeyBody) };
  }

  @Post('passkey-options')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'me.passkeys.options',
    summary: 'Begin to add a passkey',
    description: 'Good for five minutes and one `POST /v1/me/passkeys`.',
  })
  @ApiBody({ required: false })
  @ApiOkResponse({ standardSchema: CreationOptions })
  @ApiProblem('INVALID_CREDENTIALS', 'REAUTHENTICATION_REQUIRED', 'RATE_LIMITED')
  async options(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @Body({ schema: PasskeyConfirmation }) { password }: PasskeyConfirmation,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const user = await this.reauthentication.require(caller, { address, password });
    return this.passkeys.creationOptions(user);
  }

  @Post('passkeys')
  @ApiOperation({ operationId: 'me.passkeys.create', summary: 'Add a passkey' })
  @ApiCreatedResponse({
    standardSchema: PasskeyBody,
    links: linksTo('$response.body#/id', 'me.passkeys.delete'),
  })
  @ApiProblem('INVALID_CHALLENGE', 'INVALID_PASSKEY', 'PASSKEY_EXISTS', 'PASSKEY_QUOTA_EXCEEDED')
  async create(
    @CurrentPrincipal() { userId }: UserPrincipal,
    @Body({ schema: NewPasskeyBody }) { name, credential }: NewPasskeyBody,
  ): Promise<PasskeyBody> {
    const { authenticatorAttachment, ...rest } = credential;
    return passkeyBody(
      await this.passkeys.create(userId, name, {
        ...rest,
        authenticatorAttachment: authenticatorAttachment ?? undefined,
      }),
    );
  }

  @Delete('passkeys/:id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'me.passkeys.delete',
    summary: 'Delete a passkey',
    description: 'Never the last way to sign in to the account.',
  })
  @ApiBody({ required: false })
  @ApiNoContentResponse({ description: 'It signs in no more.' })
  @ApiProblem(
    'INVALID_CREDENTIALS',
    'REAUTHENTICATION_REQUIRED',
    'NOT_FOUND',
    'LAST_SIGN_IN_METHOD',
    'RATE_LIMITED',
  )
  async remove(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @IdParam() id: string,
    @Body({ schema: PasskeyConfirmation }) { password }: PasskeyConfirmation,
  ): Promise<void> {
    await this.reauthentication.require(caller, { address, password });
    await this.passkeys.remove(caller.userId, id);
  }
}

function passkeyBody({ id, name, createdAt, lastUsedAt }: Passkey): PasskeyBody {
  return { id, name, createdAt, lastUsedAt };
}
