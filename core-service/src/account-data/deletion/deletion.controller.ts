import { Body, Controller, Delete, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LimitByAddress } from '../../auth/limit-by-address.js';
import { ApiProblem } from '../../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../../common/authenticated.js';
import type { UserPrincipal } from '../../common/principal.js';
import { DeletionBody, DeletionRequest, RestoreRequest } from './deletion.dto.js';
import { DeletionService } from './deletion.service.js';
import { IdentityCheck } from './identity-check.js';

@ApiTags('Accounts')
@Controller('v1')
export class DeletionController {
  constructor(
    private readonly deletion: DeletionService,
    private readonly identity: IdentityCheck,
  ) {}

  @Delete('me')
  @Authenticated()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'me.delete',
    summary: 'Delete my account',
    description:
      'At once: all sessions end, waiting transformations are cancelled, and images, custom styles and exports are ' +
      'deleted for good (export them before). The rest can be restored until `deletesAt`. After that nothing of the ' +
      'person is left: the ledger stays without a name, its tokens are returned, and the e-mail can be registered again.',
  })
  @ApiAcceptedResponse({ standardSchema: DeletionBody })
  @ApiProblem('INVALID_CREDENTIALS', 'REAUTHENTICATION_REQUIRED', 'RATE_LIMITED')
  async delete(
    @CurrentPrincipal() caller: UserPrincipal,
    @Ip() address: string,
    @Body({ schema: DeletionRequest }) { password }: DeletionRequest,
  ): Promise<DeletionBody> {
    const user = await this.identity.ofCaller(caller, address, password);
    return { deletesAt: await this.deletion.request(caller, user) };
  }

  @Post('auth/restore')
  @LimitByAddress()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'auth.restore',
    summary: 'Keep an account that is being deleted',
    description:
      'With e-mail and password, or with the token of the mail that announced the deletion. Log in after that.',
  })
  @ApiNoContentResponse({ description: 'The account is kept.' })
  @ApiProblem('INVALID_CREDENTIALS', 'RATE_LIMITED')
  async restore(
    @Ip() address: string,
    @Body({ schema: RestoreRequest }) body: RestoreRequest,
  ): Promise<void> {
    if ('token' in body) return this.deletion.restoreByToken(body.token);
    const { id } = await this.identity.ofEmail(address, body.email, body.password);
    await this.deletion.restore(id);
  }
}
