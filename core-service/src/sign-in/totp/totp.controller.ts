import { Body, Controller, Delete, Get, HttpCode, Ip, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { UserPrincipal } from '../../common/principal.js';
import { Reauthentication } from '../reauthentication.js';
import {
  CodeBody,
  ProofBody,
  RecoveryCodes,
  TotpBody,
  TotpSecret,
  TotpStatus,
} from './totp.dto.js';
import { TotpService } from './totp.service.js';

@ApiTags('Accounts')
@Authenticated()
@Controller('v1/me')
export class TotpController {
  constructor(
    private readonly totp: TotpService,
    private readonly reauthentication: Reauthentication,
  ) {}

  @Get('totp')
  @ApiOperation({ operationId: 'me.totp.get', summary: 'Whether I have an authenticator app' })
  @ApiOkResponse({ standardSchema: TotpStatus })
  async status(@CurrentPrincipal() { userId }: UserPrincipal): Promise<TotpStatus> {
    return {
      enabled: await this.totp.isEnabled(userId),
      recoveryCodesLeft: await this.totp.recoveryCodesLeft(userId),
    };
  }

  @Post('totp')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'me.totp.create',
    summary: 'Set up an authenticator app',
    description:
      'It counts once `POST /v1/me/totp/confirm` has seen a code. A repeated call starts over.',
  })
  @ApiBody({ required: false })
  @ApiOkResponse({ standardSchema: TotpSecret })
  @ApiProblem('INVALID_CREDENTIALS', 'REAUTHENTICATION_REQUIRED', 'TOTP_ENABLED', 'RATE_LIMITED')
  async begin(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @Body({ schema: TotpBody }) { password }: TotpBody,
  ): Promise<TotpSecret> {
    return this.totp.begin(await this.reauthentication.require(caller, { address, password }));
  }

  @Post('totp/confirm')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'me.totp.confirm',
    summary: 'Confirm the authenticator app with its first code',
    description: 'From now on a login needs a code too. Keep the recovery codes.',
  })
  @ApiOkResponse({ standardSchema: RecoveryCodes })
  @ApiProblem('INVALID_CODE', 'TOTP_ENABLED', 'TOTP_NOT_ENABLED', 'RATE_LIMITED')
  async confirm(
    @CurrentPrincipal() { userId }: UserPrincipal,
    @Body({ schema: CodeBody }) { code }: CodeBody,
  ): Promise<RecoveryCodes> {
    return { recoveryCodes: await this.totp.confirm(userId, code) };
  }

  @Delete('totp')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'me.totp.delete',
    summary: 'Remove the authenticator app and the recovery codes',
  })
  @ApiNoContentResponse({ description: 'A login needs no code any more.' })
  @ApiProblem(
    'INVALID_CODE',
    'INVALID_CREDENTIALS',
    'REAUTHENTICATION_REQUIRED',
    'TOTP_NOT_ENABLED',
    'RATE_LIMITED',
  )
  async remove(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @Body({ schema: ProofBody }) { password, ...answer }: ProofBody,
  ): Promise<void> {
    await this.reauthentication.require(caller, { address, password });
    await this.totp.remove(caller.userId, answer);
  }

  @Post('recovery-codes')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'me.recoveryCodes.create',
    summary: 'Replace my recovery codes',
    description: 'The old ones stop working.',
  })
  @ApiOkResponse({ standardSchema: RecoveryCodes })
  @ApiProblem(
    'INVALID_CODE',
    'INVALID_CREDENTIALS',
    'REAUTHENTICATION_REQUIRED',
    'TOTP_NOT_ENABLED',
    'RATE_LIMITED',
  )
  async renew(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @Body({ schema: ProofBody }) { password, ...answer }: ProofBody,
  ): Promise<RecoveryCodes> {
    await this.reauthentication.require(caller, { address, password });
    return { recoveryCodes: await this.totp.renewRecoveryCodes(caller.userId, answer) };
  }
}
