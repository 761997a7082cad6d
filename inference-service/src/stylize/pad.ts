import type { Size } from '@stylizer/common';
import { MIN_NETWORK_SIDE, type Pixels, SIZE_MULTIPLE } from '../engine/engine.js';

/** A rectangle of a picture, in pixels; it may reach past the right and lower edge. */
export interface Area extends Size {
  left: number;
  top: number;
}

/** The smallest size the network takes that holds `size`. */
export function networkSize({ width, height }: Size): Size {
  const fit = (side: number) =>
    Math.max(MIN_NETWORK_SIDE, Math.ceil(side / SIZE_MULTIPLE) * SIZE_MULTIPLE);
  return { width: fit(width), height: fit(height) };
}

/**
 * Copies an area out of a picture; what lies past the right or lower edge is the picture's
 * reflection, the edge pixel itself not repeated (as in numpy's `reflect`), to and fro where the
 * picture is smaller than what is missing.
 *
 * @param data memory for the copy, of just that size.
 */
export function cutArea(
  picture: Pixels,
  area: Area,
  data = new Uint8Array(3 * area.width * area.height),
): Pixels {
  const { width, height } = area;
  const inside = Math.min(width, picture.width - area.left);
  for (let y = 0; y < height; y++) {
    const row = 3 * picture.width * reflect(area.top + y, picture.height);
    const to = 3 * width * y;
    const from = row + 3 * area.left;
    data.set(picture.data.subarray(from, from + 3 * inside), to);
    for (let x = inside; x < width; x++) {
      const source = row + 3 * reflect(area.left + x, picture.width);
      data[to + 3 * x] = picture.data[source]!;
      data[to + 3 * x + 1] = picture.data[source + 1]!;
      data[to + 3 * x + 2] = picture.data[source + 2]!;
    }
  }
  return { data, width, height };
}

/** Copies the `size` at (`left`, `top`) of `piece` to `at` in `picture`. */
export function pasteArea(piece: Pixels, from: Area, picture: Pixels, at: Area): void {
  const bytes = 3 * Math.min(from.width, picture.width - at.left);
  const rows = Math.min(from.height, picture.height - at.top);
  for (let y = 0; y < rows; y++) {
    const start = 3 * (piece.width * (from.top + y) + from.left);
    const to = 3 * (picture.width * (at.top + y) + at.left);
    picture.data.set(piece.data.subarray(start, start + bytes), to);
  }
}

function reflect(position: number, length: number): number {
  if (position < length) return position;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = position % period;
  return folded < length ? folded : period - folded;
}
