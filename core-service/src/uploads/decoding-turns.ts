import { availableParallelism } from 'node:os';
import { blockOtherLoaders, type ImageFacts } from '@stylizer/common';
import pLimit from 'p-limit';
import sharp from 'sharp';

blockOtherLoaders();
// Otherwise libvips keeps what it decoded last, 400 MB for an image of 100 megapixels.
sharp.cache(false);

const LARGE_PIXELS = 25_000_000;
/** An AVIF takes five times the memory of others. */
const LARGE_HEIF_PIXELS = 5_000_000;

/**
 * Limits decoding to one image per core, and to one large image at a time: libvips keeps an image whole
 * that it cannot decode from top to bottom (progressive JPEG, interlaced PNG, WebP, anything to be
 * rotated), 400 to 850 MB at 100 megapixels.
 */
export class DecodingTurns {
  private readonly all;
  private readonly large = pLimit(1);

  constructor(cores: number) {
    this.all = pLimit(cores);
  }

  run<T>(facts: ImageFacts, work: () => Promise<T>): Promise<T> {
    const withACore = () => this.all(work);
    return isLarge(facts) ? this.large(withACore) : withACore();
  }
}

function isLarge({ format, width, height, streamable }: ImageFacts): boolean {
  if (streamable) return false;
  return width * height > (format === 'heif' ? LARGE_HEIF_PIXELS : LARGE_PIXELS);
}

/** Shared by all uploads of this process. */
export const decodingTurns = new DecodingTurns(availableParallelism());
