import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AccessTokenKeys } from './access-token-keys.js';

const JwkSetBody = z
  .object({
    keys: z.array(
      z
        .object({
          kty: z.enum(['EC', 'RSA']).meta({ example: 'EC' }),
          kid: z.string().meta({ example: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs' }),
          alg: z.enum(['ES256', 'RS256']).meta({ example: 'ES256' }),
          use: z.literal('sig'),
          crv: z.string().optional().meta({ example: 'P-256' }),
          x: z.string().optional(),
          y: z.string().optional(),
          n: z.string().optional(),
          e: z.string().optional(),
        })
        .meta({ id: 'Jwk' }),
    ),
  })
  .meta({ id: 'JwkSet' });

@ApiTags('Accounts')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly keys: AccessTokenKeys) {}

  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=300')
  @ApiOperation({
    operationId: 'jwks.get',
    summary: 'Public keys of access tokens',
    description: 'Empty if access tokens are signed with a secret (HS256).',
  })
  @ApiOkResponse({ standardSchema: JwkSetBody })
  jwks(): AccessTokenKeys['published'] {
    return this.keys.published;
  }
}
