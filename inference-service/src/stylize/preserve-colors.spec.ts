import { describe, expect, it } from '@jest/globals';
import { preserveColors } from './preserve-colors.js';

const pixel = (...rgb: number[]) => ({ data: Uint8Array.from(rgb), width: 1, height: 1 });
const luma = (rgb: ArrayLike<number>) =>
  0.299 * (rgb[0] ?? 0) + 0.587 * (rgb[1] ?? 0) + 0.114 * (rgb[2] ?? 0);

function keep(styledRgb: number[], photoRgb: number[]): number[] {
  const styled = pixel(...styledRgb);
  preserveColors(styled, pixel(...photoRgb));
  return [...styled.data];
}

const cases = [
  [
    [128, 128, 128],
    [153, 102, 76],
  ],
  [
    [242, 230, 230],
    [26, 51, 230],
  ],
  [
    [5, 13, 3],
    [230, 26, 26],
  ],
  [
    [255, 255, 255],
    [0, 0, 255],
  ],
  [
    [0, 0, 0],
    [0, 255, 0],
  ],
] satisfies [number[], number[]][];

describe('preserveColors', () => {
  it.each(cases)('keeps the luma of %j with the colors of %j', (styled, photo) => {
    // Outside the gamut a channel would wrap around, and take the luma with it.
    expect(Math.abs(luma(keep(styled, photo)) - luma(styled))).toBeLessThan(1);
  });

  it('keeps the photo’s chroma where it fits', () => {
    const [red = 0, green = 0, blue = 0] = keep([128, 128, 128], [153, 102, 77]);
    expect([red - green, green - blue]).toEqual([51, 25]);
  });

  it('returns gray for a gray photo', () => {
    const [red, green, blue] = keep([230, 51, 102], [77, 77, 77]);
    expect([green, blue]).toEqual([red, red]);
  });
});
