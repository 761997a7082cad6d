import type { Pixels } from '../engine/engine.js';

/** Luma of ITU-R BT.601, as in JPEG's YCbCr. */
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

/**
 * Gives `stylized` the chroma of `photo` and keeps its own luma, in place: luminance-only
 * transfer after Gatys et al., "Preserving Color in Neural Artistic Style Transfer" (2016),
 * section 3.2, here in YCbCr (BT.601, gamma-encoded sRGB) instead of their YIQ. Equal Cb and Cr
 * mean equal differences of each channel to the luma. Where the result leaves 0..255, the chroma is
 * scaled down until it fits, which preserves luma and hue.
 */
export function preserveColors(stylized: Pixels, photo: Pixels): void {
  const out = stylized.data;
  const from = photo.data;
  for (let r = 0, g = 1, b = 2; r < out.length; r += 3, g += 3, b += 3) {
    const luma = RED * out[r]! + GREEN * out[g]! + BLUE * out[b]!;
    const photoLuma = RED * from[r]! + GREEN * from[g]! + BLUE * from[b]!;
    const red = from[r]! - photoLuma;
    const green = from[g]! - photoLuma;
    const blue = from[b]! - photoLuma;
    const most = Math.max(red, green, blue);
    const least = Math.min(red, green, blue);
    let chroma = 1;
    if (luma + most > 255) chroma = (255 - luma) / most;
    if (luma + least < 0) chroma = Math.min(chroma, -luma / least);
    out[r] = luma + chroma * red + 0.5;
    out[g] = luma + chroma * green + 0.5;
    out[b] = luma + chroma * blue + 0.5;
  }
}
