import type { Config } from '../config/config.js';
import type { PriceRule } from '../pricing/pricing.js';

export function priceRule(config: Config): PriceRule {
  return {
    baseTokens: config.PRICE_BASE_TOKENS,
    baseMegapixels: config.PRICE_BASE_MEGAPIXELS,
    stepTokens: config.PRICE_STEP_TOKENS,
    stepMegapixels: config.PRICE_STEP_MEGAPIXELS,
  };
}
