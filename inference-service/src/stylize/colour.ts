import type { Planes } from '../engine/engine.js';

/** Luma of ITU-R BT.601, the one JPEG's YCbCr uses. */
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

/**
 * Gives `styled` the chroma of `photo` and leaves it its own luma, in place: luminance-only
 * transfer after Gatys et al., "Preserving Color in Neural Artistic Style Transfer" (2016),
 * section 3.2, here in YCbCr (BT.601, gamma-encoded sRGB) where they take YIQ. Equal Cb and Cr
 * mean equal differences of each channel to the luma. Where that leaves [0, 1], the chroma is
 * scaled down until it fits, so that luma and hue stay.
 */
export function keepColours(styled: Planes, photo: Planes): void {
  const area = styled.width * styled.height;
  const out = styled.data;
  const from = photo.data;
  for (let r = 0, g = area, b = 2 * area; r < area; r++, g++, b++) {
    const luma = RED * out[r]! + GREEN * out[g]! + BLUE * out[b]!;
    const photoLuma = RED * from[r]! + GREEN * from[g]! + BLUE * from[b]!;
    const red = from[r]! - photoLuma;
    const green = from[g]! - photoLuma;
    const blue = from[b]! - photoLuma;
    const most = Math.max(red, green, blue);
    const least = Math.min(red, green, blue);
    let chroma = 1;
    if (luma + most > 1) chroma = (1 - luma) / most;
    if (luma + least < 0) chroma = Math.min(chroma, -luma / least);
    out[r] = luma + chroma * red;
    out[g] = luma + chroma * green;
    out[b] = luma + chroma * blue;
  }
}
