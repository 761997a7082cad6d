import type { Pixels, StyleCode } from '../engine/engine.js';

export interface WeightedCode {
  code: ArrayLike<number>;
  /** Not negative; only its ratio to the others matters. */
  weight: number;
}

/** Up to this strength some of the photograph's own pixels are in the result. */
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
 * How much of the result is the photograph's own pixels, in [0, 1]. The photograph's own code gives
 * back a soft photograph (16 dB from the sharp one), so that the code alone cannot reach strength 0.
 * A parabola from 1 at strength 0 to 0 at {@link PHOTO_SHARE_ENDS}: with it the distance to the
 * photograph grows about evenly over the whole range.
 */
export const photoShare = (strength: number): number =>
  Math.max(0, 1 - strength / PHOTO_SHARE_ENDS) ** 2;

/** Mixes `share` (0..1) of `photo` into `styled`, in place. */
export function mixPhoto(styled: Pixels, photo: Pixels, share: number): void {
  const out = styled.data;
  for (let i = 0; i < out.length; i++) out[i] = out[i]! + share * (photo.data[i]! - out[i]!) + 0.5;
}
