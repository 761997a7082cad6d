import { Inject, Injectable } from '@nestjs/common';
import type { Size } from '@stylizer/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { priceOf, type PriceRule } from './pricing.js';

/** What everything costs that tokens are held for or given for. */
@Injectable()
export class Pricing {
  private readonly rule: PriceRule;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.rule = {
      baseTokens: config.PRICE_BASE_TOKENS,
      baseMegapixels: config.PRICE_BASE_MEGAPIXELS,
      stepTokens: config.PRICE_STEP_TOKENS,
      stepMegapixels: config.PRICE_STEP_MEGAPIXELS,
    };
  }

  /** @returns tokens for an output of this size in pixels */
  ofTransformation({ width, height }: Size): number {
    return priceOf(this.rule, width, height);
  }

  /** @returns tokens for a custom style; 0: free */
  ofStyle(): number {
    return this.config.STYLE_PRICE_TOKENS;
  }

  list() {
    return {
      transformation: this.rule,
      style: { tokens: this.ofStyle() },
      signUpGrant: this.config.SIGN_UP_GRANT,
      packs: this.config.TOKEN_PACKS.map((pack) => ({
        ...pack,
        currency: this.config.PAYMENT_CURRENCY,
      })),
    };
  }
}
