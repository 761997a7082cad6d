import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ApiProblem } from '../../common/api-problem.js';
import { LimitByAddress } from '../limit-by-address.js';
import { SignUpChecks } from './sign-up-checks.js';

const ChallengeBody = z
  .object({
    challenge: z.string().meta({ example: '20.1764414000000.mR3p…' }),
    bits: z.int().min(0).max(32).meta({
      description: 'Leading zero bits of the hash; 0: no proof is asked for.',
      example: 20,
    }),
    algorithm: z.literal('SHA-256'),
    expiresAt: z.date().meta({ example: '2026-11-29T08:10:00.000Z' }),
  })
  .meta({ id: 'SignUpChallenge' });
type ChallengeBody = z.output<typeof ChallengeBody>;

@ApiTags('Accounts')
@Controller('v1/auth')
export class SignUpController {
  constructor(private readonly checks: SignUpChecks) {}

  @Get('challenge')
  @LimitByAddress()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'auth.challenge',
    summary: 'A puzzle to solve before signing up',
    description:
      'Append `:` and letters or digits to `challenge` until the SHA-256 of the text begins with `bits` zero bits, ' +
      'and send the text as `proof` with `POST /v1/auth/register`. It works once, until `expiresAt`.',
  })
  @ApiOkResponse({ standardSchema: ChallengeBody })
  @ApiProblem('RATE_LIMITED')
  challenge(): ChallengeBody {
    return { ...this.checks.challenge(), algorithm: 'SHA-256' };
  }
}
