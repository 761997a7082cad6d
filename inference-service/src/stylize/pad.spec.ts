import { describe, expect, it } from '@jest/globals';
import { cutArea, networkSize, pasteArea } from './pad.js';
import type { Pixels } from '../engine/engine.js';

/** A picture whose pixel at (x, y) is (x, y, 7). */
function coordinates(width: number, height: number): Pixels {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set([x, y, 7], 3 * (y * width + x));
  return { data, width, height };
}

const at = ({ data, width }: Pixels, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe('networkSize', () => {
  it.each([
    [16, 512, 16, 512],
    [17, 511, 24, 512],
    [1, 3, 16, 16],
  ])('grows %i x %i to %i x %i', (width, height, toWidth, toHeight) => {
    expect(networkSize({ width, height })).toEqual({ width: toWidth, height: toHeight });
  });
});

describe('cutArea', () => {
  it('copies an area inside the image', () => {
    const piece = cutArea(coordinates(8, 8), { left: 2, top: 3, width: 4, height: 2 });
    expect(at(piece, 0, 0)).toEqual([2, 3, 7]);
    expect(at(piece, 3, 1)).toEqual([5, 4, 7]);
  });

  it('reflects what lies past the right and lower edge, edge pixel not repeated', () => {
    const piece = cutArea(coordinates(4, 4), { left: 0, top: 0, width: 6, height: 6 });
    expect([3, 4, 5].map((x) => at(piece, x, 0)[0])).toEqual([3, 2, 1]);
    expect([3, 4, 5].map((y) => at(piece, 0, y)[1])).toEqual([3, 2, 1]);
    expect(at(piece, 5, 5)).toEqual([1, 1, 7]);
  });

  it('reflects repeatedly when the image is smaller than the padding', () => {
    const piece = cutArea(coordinates(3, 1), { left: 0, top: 0, width: 8, height: 2 });
    expect(Array.from({ length: 8 }, (_, x) => at(piece, x, 1)[0])).toEqual([
      0, 1, 2, 1, 0, 1, 2, 1,
    ]);
  });

  it('works for an area that begins past the edge', () => {
    const piece = cutArea(coordinates(20, 20), { left: 22, top: 0, width: 2, height: 1 });
    expect([0, 1].map((x) => at(piece, x, 0)[0])).toEqual([16, 15]);
  });
});

describe('pasteArea', () => {
  it('writes part of a tile to its position and clips it at the edge', () => {
    const picture: Pixels = { data: new Uint8Array(3 * 16), width: 4, height: 4 };
    const from = { left: 1, top: 1, width: 3, height: 3 };
    pasteArea(coordinates(4, 4), from, picture, { ...from, left: 2, top: 2 });
    expect(at(picture, 1, 1)).toEqual([0, 0, 0]);
    expect(at(picture, 2, 2)).toEqual([1, 1, 7]);
    expect(at(picture, 3, 3)).toEqual([2, 2, 7]);
  });
});
