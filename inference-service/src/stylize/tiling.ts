import type { Size } from '@stylizer/common';
import { SIZE_MULTIPLE, TILE_MARGIN } from '../engine/engine.js';
import type { Area } from './pad.js';

/**
 * Largest side of a tile in pixels. At 896 the margins cost 38 % of the work and a run takes 140 MB;
 * 1024 costs 34 % and 180 MB.
 */
export const TILE_SIDE = 896;

/** Side in pixels of the crops that the joint statistics are taken from. */
export const CROP_SIDE = 416;

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
 * Cuts a picture (sides multiples of {@link SIZE_MULTIPLE}) into rows of tiles of one size, at most
 * `most` pixels on a side, that overlap so far that what is kept of each had all its context:
 * `TILE_MARGIN` on every side that is not the picture's own edge. What is kept covers the picture once.
 */
export function planTiles(picture: Size, most = TILE_SIDE): Tile[][] {
  const width = tileSide(picture.width, most);
  const height = tileSide(picture.height, most);
  const columns = spans(picture.width, width);
  return spans(picture.height, height).map((row) =>
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

/** The smallest side with which no more tiles are needed than with `most`. */
function tileSide(length: number, most: number): number {
  if (length <= most) return length;
  const inner = length - 2 * TILE_MARGIN;
  const count = Math.ceil(inner / (most - 2 * TILE_MARGIN));
  return Math.ceil(inner / count / SIZE_MULTIPLE) * SIZE_MULTIPLE + 2 * TILE_MARGIN;
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
