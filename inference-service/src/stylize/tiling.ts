import type { Size } from '@stylizer/common';
import { SIZE_MULTIPLE, TILE_MARGIN } from '../engine/engine.js';
import type { Area } from './pad.js';

/**
 * Largest side of a tile in pixels. At 768 the margins are 44 % of the work and a run takes 105 MB; at
 * 1024, 34 % and 180 MB.
 */
export const TILE_SIDE = 864;

/** Side in pixels of the crops for the joint statistics. */
export const CROP_SIDE = 224;

/** Cells per side of a batch's grid: its crops take the memory of one tile. */
const GRID = 4;

/** Positions per side of a cell, with one batch for each. */
const POSITIONS = 2;

export interface Tile {
  /** Input of the network. */
  input: Area;
  /** The part of its output that is kept, in image coordinates. */
  kept: Area;
}

interface Span {
  start: number;
  keptStart: number;
  keptEnd: number;
}

/**
 * Cuts an image (sides multiples of {@link SIZE_MULTIPLE}) into rows of tiles of one size, at most
 * `most` pixels on a side. They overlap by enough that every kept pixel has its full context:
 * `TILE_MARGIN` on each side that is not an edge of the image. The kept parts cover the image once.
 */
export function planTiles(image: Size, most = TILE_SIDE): Tile[][] {
  const width = tileSide(image.width, most);
  const height = tileSide(image.height, most);
  const columns = spans(image.width, width);
  return spans(image.height, height).map((row) =>
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

/** The smallest side that needs no more tiles than `most` does. */
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
  // Neighbors meet in the middle of their overlap.
  const seams = starts.slice(1).map((start, i) => (start + starts[i]! + side) / 2);
  return starts.map((start, i) => ({
    start,
    keptStart: i === 0 ? 0 : seams[i - 1]!,
    keptEnd: seams[i] ?? length,
  }));
}

/**
 * Full-resolution crops for the joint statistics of an image, in batches that each cover it evenly:
 * a grid of {@link GRID} x {@link GRID} cells with one crop in each, at a different position of the cell
 * in every batch (Cochran, "Sampling Techniques", 1977, chapter 8: systematic sampling). They overlap
 * when the image is small.
 */
export function planCrops(image: Size, side = CROP_SIDE): Area[][] {
  const width = Math.min(side, image.width);
  const height = Math.min(side, image.height);
  const cells = Array.from({ length: GRID ** 2 }, (_, i) => [i % GRID, Math.floor(i / GRID)]);
  return Array.from({ length: POSITIONS ** 2 }, (_, batch) =>
    cells.map(([column = 0, row = 0]) => {
      // Neighbors in a batch have different positions in their cells.
      const position = (batch + 3 * column + 2 * row) % POSITIONS ** 2;
      return {
        left: cropStart(column, position % POSITIONS, image.width, width),
        top: cropStart(row, Math.floor(position / POSITIONS), image.height, height),
        width,
        height,
      };
    }),
  );
}

/** Start of a crop centered on its position, at a multiple of {@link SIZE_MULTIPLE}. */
function cropStart(cell: number, position: number, length: number, side: number): number {
  const middle = ((cell + (position + 0.5) / POSITIONS) * length) / GRID;
  const start = Math.round((middle - side / 2) / SIZE_MULTIPLE) * SIZE_MULTIPLE;
  return Math.min(Math.max(0, start), length - side);
}
