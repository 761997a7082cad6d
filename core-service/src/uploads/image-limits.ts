import type { ImageLimits } from '@stylizer/common';
import type { Config } from '../config/config.js';

export function imageLimits(config: Config): ImageLimits {
  return { maxBytes: config.MAX_IMAGE_BYTES, maxPixels: config.MAX_IMAGE_PIXELS };
}
