import sharp, { type Sharp } from 'sharp';

/** A test image with some structure, a gradient with discs, as a JPEG. */
export async function picture({ width = 96, height = 64, seed = 1 } = {}): Promise<Buffer> {
  return drawing(width, height, seed).jpeg({ quality: 90 }).toBuffer();
}

/** The same, for the caller to encode. */
export function drawing(width: number, height: number, seed = 1): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = Math.hypot(x - width / 2, y - height / 2) < Math.min(width, height) / (2 + seed);
      pixels.set(
        [(255 * x) / width, (255 * y) / height, disc ? 220 : 40 * (seed % 6)],
        (y * width + x) * 3,
      );
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
