import type { Size } from '@stylizer/common';
import type { Planes } from '../engine/engine.js';

/** 8-bit sRGB, three interleaved channels, rows from the top. */
export interface Pixels extends Size {
  data: Uint8Array<ArrayBuffer>;
}

/** Pixels as the network takes them: height x width x 3 in 0..255 to 3 x height x width in [0, 1]. */
export function toPlanes({ data, width, height }: Pixels): Planes {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let i = 0, from = 0; i < area; i++, from += 3) {
    planes[i] = data[from]! / 255;
    planes[area + i] = data[from + 1]! / 255;
    planes[2 * area + i] = data[from + 2]! / 255;
  }
  return { data: planes, width, height };
}

/** The reverse of {@link toPlanes}, rounded; values outside [0, 1] are clamped. */
export function toPixels({ data, width, height }: Planes): Pixels {
  const area = width * height;
  const pixels = new Uint8ClampedArray(3 * area);
  for (let i = 0, to = 0; i < area; i++, to += 3) {
    pixels[to] = data[i]! * 255;
    pixels[to + 1] = data[area + i]! * 255;
    pixels[to + 2] = data[2 * area + i]! * 255;
  }
  return { data: new Uint8Array(pixels.buffer), width, height };
}
