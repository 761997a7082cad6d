import type { Size } from '@stylizer/common';
import { SIZE_MULTIPLE, TILE_MARGIN } from '../engine/engine.js';
import type { Area } from './pad.js';

/**
 * Side of a tile in pixels. At 768 the margins cost 44 % of the work and a run takes 200 MB;
 * 512 costs 61 %, 1024 takes 370 MB.
 */
export const TILE_SIDE = 768;

/** Side in pixels of the crops that the joint statistics are taken from. */
export const CROP_SIDE = 512;

export interface Tile {
  /** What the network sees. */
  input: Area;
  /** What of it is kept, in coordinates of the picture. */
  kept: Area;
}

interface Span {
  start: number;
  keptStart: number;
  keptEnd: number;
}

/**
 * Cuts a picture (sides multiples of {@link SIZE_MULTIPLE}) into tiles of one size that overlap so
 * far that what is kept of each had all its context: `TILE_MARGIN` on every side that is not the
 * picture's own edge. What is kept covers the picture once.
 */
export function planTiles(picture: Size, side = TILE_SIDE): Tile[] {
  const columns = spans(picture.width, side);
  const width = Math.min(side, picture.width);
  const height = Math.min(side, picture.height);
  return spans(picture.height, side).flatMap((row) =>
    columns.map((column) => ({
      input: { left: column.start, top: row.start, width, height },
      kept: {
        left: column.keptStart,
        top: row.keptStart,
        width: column.keptEnd - column.keptStart,
        height: row.keptEnd - row.keptStart,
      },
    })),
  );
}

function spans(length: number, side: number): Span[] {
  if (length <= side) return [{ start: 0, keptStart: 0, keptEnd: length }];
  const stride = side - 2 * TILE_MARGIN;
  const count = Math.ceil((length - 2 * TILE_MARGIN) / stride);
  const starts = Array.from({ length: count }, (_, i) => Math.min(i * stride, length - side));
  // Neighbours meet in the middle of their overlap.
  const seams = starts.slice(1).map((start, i) => (start + starts[i]! + side) / 2);
  return starts.map((start, i) => ({
    start,
    keptStart: i === 0 ? 0 : seams[i - 1]!,
    keptEnd: seams[i] ?? length,
  }));
}

/** Six full-resolution crops spread evenly over a picture; they overlap where it is small. */
export function planCrops(picture: Size, side = CROP_SIDE): Area[] {
  const width = Math.min(side, picture.width);
  const height = Math.min(side, picture.height);
  const [columns, rows] = cropGrid(picture.width / picture.height);
  return spread(picture.height - height, rows).flatMap((top) =>
    spread(picture.width - width, columns).map((left) => ({ left, top, width, height })),
  );
}

function cropGrid(aspect: number): readonly [columns: number, rows: number] {
  if (aspect >= 4) return [6, 1];
  if (aspect >= 1) return [3, 2];
  if (aspect > 1 / 4) return [2, 3];
  return [1, 6];
}

/** `count` positions from 0 to `last`, evenly spaced, at multiples of {@link SIZE_MULTIPLE}. */
function spread(last: number, count: number): number[] {
  if (count === 1) return [0];
  const step = last / (count - 1) / SIZE_MULTIPLE;
  return Array.from({ length: count }, (_, i) => Math.round(step * i) * SIZE_MULTIPLE);
}
