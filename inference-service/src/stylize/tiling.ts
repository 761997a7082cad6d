import type { Size } from '@stylizer/common';
import { SIZE_MULTIPLE, TILE_MARGIN } from '../engine/engine.js';
import type { Area } from './pad.js';

/**
 * Largest side of a tile in pixels. At 768 the margins cost 44 % of the work and a run takes 105 MB;
 * 1024 costs 34 % and 180 MB.
 */
export const TILE_SIDE = 864;

/** Side in pixels of the crops that the joint statistics are taken from. */
export const CROP_SIDE = 224;

/** Cells of a batch's grid each way: as many crops as take the memory of a tile. */
const GRID = 4;

/** Places in a cell each way, one batch for each. */
const PLACES = 2;

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

/**
 * Full-resolution crops for the joint statistics of a picture, in batches that each cover it evenly:
 * a grid of {@link GRID} x {@link GRID} cells with one crop in each, at another place of the cell in
 * every batch (Cochran, "Sampling Techniques", 1977, chapter 8: systematic sampling). They overlap
 * where the picture is small.
 */
export function planCrops(picture: Size, side = CROP_SIDE): Area[][] {
  const width = Math.min(side, picture.width);
  const height = Math.min(side, picture.height);
  const cells = Array.from({ length: GRID ** 2 }, (_, i) => [i % GRID, Math.floor(i / GRID)]);
  return Array.from({ length: PLACES ** 2 }, (_, batch) =>
    cells.map(([column = 0, row = 0]) => {
      // Neighbours in one batch lie at different places of their cells.
      const place = (batch + 3 * column + 2 * row) % PLACES ** 2;
      return {
        left: position(column, place % PLACES, picture.width, width),
        top: position(row, Math.floor(place / PLACES), picture.height, height),
        width,
        height,
      };
    }),
  );
}

/** Start of a crop in the middle of its place, at a multiple of {@link SIZE_MULTIPLE}. */
function position(cell: number, place: number, length: number, side: number): number {
  const middle = ((cell + (place + 0.5) / PLACES) * length) / GRID;
  const start = Math.round((middle - side / 2) / SIZE_MULTIPLE) * SIZE_MULTIPLE;
  return Math.min(Math.max(0, start), length - side);
}
