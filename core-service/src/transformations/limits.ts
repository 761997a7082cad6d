import type { ImageLimits } from '@stylizer/common';
import type { Config } from '../config/config.js';
import type { PriceRule } from './pricing.js';

export function imageLimits(config: Config): ImageLimits {
  return { maxBytes: config.MAX_IMAGE_BYTES, maxPixels: config.MAX_IMAGE_PIXELS };
}

export function priceRule(config: Config): PriceRule {
  return {
    baseTokens: config.PRICE_BASE_TOKENS,
    baseMegapixels: config.PRICE_BASE_MEGAPIXELS,
    stepTokens: config.PRICE_STEP_TOKENS,
    stepMegapixels: config.PRICE_STEP_MEGAPIXELS,
  };
}
