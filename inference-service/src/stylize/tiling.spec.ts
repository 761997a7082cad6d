import { describe, expect, it } from '@jest/globals';
import { SIZE_MULTIPLE, TILE_MARGIN } from '../engine/engine.js';
import { planCrops, planTiles, TILE_SIDE } from './tiling.js';

const sizes = [
  { width: 1024, height: 1024 },
  { width: 1032, height: 1024 },
  { width: 1920, height: 1088 },
  { width: 4000, height: 3000 },
  { width: 16, height: 16_384 },
  { width: 10_000, height: 5_000 },
];

describe('planTiles', () => {
  it.each(sizes)('keeps every pixel of $width x $height once', (picture) => {
    const kept = planTiles(picture)
      .flat()
      .map((tile) => tile.kept);
    const area = kept.reduce((sum, { width, height }) => sum + width * height, 0);
    expect(area).toBe(picture.width * picture.height);
    const corners = new Set(kept.map(({ left, top }) => `${left},${top}`));
    expect(corners.size).toBe(kept.length);
  });

  it.each(sizes)('gives every kept pixel of $width x $height its context', (picture) => {
    for (const { input, kept } of planTiles(picture).flat()) {
      expect([input.left % SIZE_MULTIPLE, input.top % SIZE_MULTIPLE]).toEqual([0, 0]);
      const reach = (from: number, edge: boolean) => (edge ? from >= 0 : from >= TILE_MARGIN);
      const right = input.left + input.width;
      const bottom = input.top + input.height;
      expect(reach(kept.left - input.left, input.left === 0)).toBe(true);
      expect(reach(kept.top - input.top, input.top === 0)).toBe(true);
      expect(reach(right - kept.left - kept.width, right === picture.width)).toBe(true);
      expect(reach(bottom - kept.top - kept.height, bottom === picture.height)).toBe(true);
      expect([right <= picture.width, bottom <= picture.height]).toEqual([true, true]);
    }
  });

  it.each(sizes)('uses one tile shape for $width x $height', (picture) => {
    const tiles = planTiles(picture).flat();
    const shapes = new Set(tiles.map(({ input }) => `${input.width}x${input.height}`));
    expect(shapes.size).toBe(1);
    for (const { input } of tiles) {
      expect([input.width % SIZE_MULTIPLE, input.height % SIZE_MULTIPLE]).toEqual([0, 0]);
      expect(Math.max(input.width, input.height)).toBeLessThanOrEqual(TILE_SIDE);
    }
  });

  it('makes tiles as small as their number allows', () => {
    const [[first] = []] = planTiles({ width: 1032, height: 2160 });
    expect(first?.input).toMatchObject({ width: 616, height: 848 });
  });
});

describe('planCrops', () => {
  it.each(sizes)(
    'takes batches of crops inside $width x $height, one size, in phase',
    (picture) => {
      const batches = planCrops(picture);
      expect(batches.map(({ length }) => length)).toEqual([16, 16, 16, 16]);
      const crops = batches.flat();
      expect(new Set(crops.map(({ width, height }) => `${width}x${height}`)).size).toBe(1);
      for (const { left, top, width, height } of crops) {
        expect(left >= 0 && left + width <= picture.width).toBe(true);
        expect(top >= 0 && top + height <= picture.height).toBe(true);
        expect([left % SIZE_MULTIPLE, top % SIZE_MULTIPLE]).toEqual([0, 0]);
      }
    },
  );

  it('covers every quarter of every cell once', () => {
    const crops = planCrops({ width: 8000, height: 8000 }).flat();
    const quarters = crops.map(
      ({ left, top }) => `${Math.floor(left / 1000)},${Math.floor(top / 1000)}`,
    );
    expect(new Set(quarters).size).toBe(64);
  });
});
