import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Pricing } from './pricing.service.js';

export class TransformationPriceBody {
  @ApiProperty({ description: 'Tokens for an output of up to `baseMegapixels`.', example: 10 })
  baseTokens!: number;

  @ApiProperty({ example: 2 })
  baseMegapixels!: number;

  @ApiProperty({ description: 'Tokens for each further started `stepMegapixels`.', example: 5 })
  stepTokens!: number;

  @ApiProperty({ example: 2 })
  stepMegapixels!: number;
}

export class StylePriceBody {
  @ApiProperty({ description: 'Tokens for a style of my own; 0: free.', example: 5 })
  tokens!: number;
}

export class PricingBody {
  @ApiProperty()
  transformation!: TransformationPriceBody;

  @ApiProperty()
  style!: StylePriceBody;

  @ApiProperty({ description: 'Tokens given to a new account.', example: 100 })
  signUpGrant!: number;

  @ApiProperty({ type: [Object], description: 'Packs of tokens on sale; none yet.' })
  packs!: never[];
}

@ApiTags('Tokens')
@Controller('v1/pricing')
export class PricingController {
  constructor(private readonly prices: Pricing) {}

  @Get()
  @ApiOperation({ summary: 'What things cost' })
  @ApiOkResponse({ type: PricingBody })
  pricing(): PricingBody {
    return this.prices.list();
  }
}
