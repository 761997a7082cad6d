import type { Size } from '@stylizer/common';
import { MIN_NETWORK_SIDE, type Pixels, SIZE_MULTIPLE } from '../engine/engine.js';

/** A rectangle of an image, in pixels; it may extend past the right and lower edges. */
export interface Area extends Size {
  left: number;
  top: number;
}

export const wholeArea = ({ width, height }: Size): Area => ({ left: 0, top: 0, width, height });

/** The smallest size that the network takes and `size` fits into. */
export function networkSize({ width, height }: Size): Size {
  const fit = (side: number) =>
    Math.max(MIN_NETWORK_SIDE, Math.ceil(side / SIZE_MULTIPLE) * SIZE_MULTIPLE);
  return { width: fit(width), height: fit(height) };
}

/**
 * Copies an area of an image. Past the right and lower edges it is padded by reflection without repeating
 * the edge pixel (numpy's `reflect`), repeatedly when the image is smaller than the padding.
 *
 * @param data memory for the copy, of exactly its size.
 */
export function cutArea(
  image: Pixels,
  area: Area,
  data = new Uint8Array(3 * area.width * area.height),
): Pixels {
  const { width, height } = area;
  const inside = Math.min(width, image.width - area.left);
  for (let y = 0; y < height; y++) {
    const row = 3 * image.width * reflect(area.top + y, image.height);
    const to = 3 * width * y;
    const from = row + 3 * area.left;
    data.set(image.data.subarray(from, from + 3 * inside), to);
    for (let x = inside; x < width; x++) {
      const source = row + 3 * reflect(area.left + x, image.width);
      data[to + 3 * x] = image.data[source]!;
      data[to + 3 * x + 1] = image.data[source + 1]!;
      data[to + 3 * x + 2] = image.data[source + 2]!;
    }
  }
  return { data, width, height };
}

/** Copies the area `from` of `tile` to `at` in `image`. */
export function pasteArea(tile: Pixels, from: Area, image: Pixels, at: Area): void {
  const bytes = 3 * Math.min(from.width, image.width - at.left);
  const rows = Math.min(from.height, image.height - at.top);
  for (let y = 0; y < rows; y++) {
    const start = 3 * (tile.width * (from.top + y) + from.left);
    const to = 3 * (image.width * (at.top + y) + at.left);
    image.data.set(tile.data.subarray(start, start + bytes), to);
  }
}

function reflect(position: number, length: number): number {
  if (position < length) return position;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = position % period;
  return folded < length ? folded : period - folded;
}
