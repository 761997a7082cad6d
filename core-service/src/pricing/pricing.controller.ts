import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Pricing } from './pricing.service.js';

const tokens = z.int().nonnegative();
const megapixels = z.number().positive().meta({ example: 2 });

export const PricingBody = z
  .object({
    transformation: z.object({
      baseTokens: tokens.meta({
        description: 'Tokens for an output of up to `baseMegapixels`.',
        example: 10,
      }),
      baseMegapixels: megapixels,
      stepTokens: tokens.meta({
        description: 'Tokens for each further started `stepMegapixels`.',
        example: 5,
      }),
      stepMegapixels: megapixels,
    }),
    style: z.object({
      tokens: tokens.meta({ description: 'Tokens for a custom style; 0: free.', example: 5 }),
    }),
    signUpGrant: tokens.meta({ description: 'Tokens given to a new account.', example: 100 }),
    packs: z
      .array(
        z.object({
          id: z.string().meta({ example: 'pack-500' }),
          tokens: tokens.meta({ example: 500 }),
          amount: z.int().meta({
            description: "Price before tax, in the currency's smallest unit.",
            example: 2000,
          }),
          currency: z.string().meta({ example: 'eur' }),
        }),
      )
      .meta({ description: 'Token packs: `POST /v1/tokens/checkout` buys one.' }),
  })
  .meta({ id: 'Pricing' });
export type PricingBody = z.output<typeof PricingBody>;

@ApiTags('Tokens')
@Controller('v1/pricing')
export class PricingController {
  constructor(private readonly prices: Pricing) {}

  @Get()
  @ApiOperation({ operationId: 'pricing.get', summary: 'What things cost' })
  @ApiOkResponse({ standardSchema: PricingBody })
  pricing(): PricingBody {
    return this.prices.list();
  }
}
