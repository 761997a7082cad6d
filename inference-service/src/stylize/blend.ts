import type { Pixels, StyleCode } from '../engine/engine.js';

export interface WeightedCode {
  code: ArrayLike<number>;
  /** Not negative; only its ratio to the other weights matters. */
  weight: number;
}

/** Below this strength, some of the photo's own pixels are mixed into the result. */
const PHOTO_SHARE_ENDS = 0.6;

/**
 * The weighted mean of style codes, which are linear.
 *
 * @throws RangeError when no weight is above zero.
 */
export function blendCodes(codes: readonly WeightedCode[]): StyleCode {
  const largest = Math.max(0, ...codes.map(({ weight }) => weight));
  if (largest === 0) throw new RangeError('The weights sum to zero.');
  // Relative to the largest, so that the sum of huge weights stays finite.
  const shares = codes.map(({ weight }) => weight / largest);
  const sum = shares.reduce((total, share) => total + share, 0);
  return Float32Array.from(codes[0]?.code ?? [], (_, i) =>
    codes.reduce((total, { code }, k) => total + (code[i]! * shares[k]!) / sum, 0),
  );
}

/**
 * The share of the photo's own pixels in the result, in [0, 1]. A photo stylized with its own code comes
 * out soft (16 dB PSNR to the original), so the code alone cannot reach strength 0. A parabola from 1 at
 * strength 0 to 0 at {@link PHOTO_SHARE_ENDS}: the distance to the photo then grows about evenly over the
 * whole range.
 */
export const photoShare = (strength: number): number =>
  Math.max(0, 1 - strength / PHOTO_SHARE_ENDS) ** 2;

/** Mixes `share` (0..1) of `photo` into `stylized`, in place. */
export function mixPhoto(stylized: Pixels, photo: Pixels, share: number): void {
  const out = stylized.data;
  for (let i = 0; i < out.length; i++) out[i] = out[i]! + share * (photo.data[i]! - out[i]!) + 0.5;
}
