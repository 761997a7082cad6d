import { describe, expect, it } from '@jest/globals';
import { keepColours } from './colour.js';

const pixel = (...rgb: number[]) => ({ data: Float32Array.from(rgb), width: 1, height: 1 });
const luma = (rgb: ArrayLike<number>) =>
  0.299 * (rgb[0] ?? 0) + 0.587 * (rgb[1] ?? 0) + 0.114 * (rgb[2] ?? 0);

function keep(styledRgb: number[], photoRgb: number[]): number[] {
  const styled = pixel(...styledRgb);
  keepColours(styled, pixel(...photoRgb));
  return [...styled.data];
}

const cases = [
  [
    [0.5, 0.5, 0.5],
    [0.6, 0.4, 0.3],
  ],
  [
    [0.95, 0.9, 0.9],
    [0.1, 0.2, 0.9],
  ],
  [
    [0.02, 0.05, 0.01],
    [0.9, 0.1, 0.1],
  ],
  [
    [1, 1, 1],
    [0, 0, 1],
  ],
  [
    [0, 0, 0],
    [0, 1, 0],
  ],
] satisfies [number[], number[]][];

describe('keepColours', () => {
  it.each(cases)('keeps the luma of %j under the colours of %j', (styled, photo) => {
    expect(luma(keep(styled, photo))).toBeCloseTo(luma(styled), 5);
  });

  it.each(cases)('stays inside the gamut for %j under %j', (styled, photo) => {
    for (const value of keep(styled, photo)) {
      expect(value).toBeGreaterThanOrEqual(-1e-6);
      expect(value).toBeLessThanOrEqual(1 + 1e-6);
    }
  });

  it('keeps the photograph’s chroma where it fits', () => {
    const [red = 0, green = 0, blue = 0] = keep([0.5, 0.5, 0.5], [0.6, 0.4, 0.3]);
    expect(red - green).toBeCloseTo(0.2, 5);
    expect(green - blue).toBeCloseTo(0.1, 5);
  });

  it('gives grey for a grey photograph', () => {
    const [red, green, blue] = keep([0.9, 0.2, 0.4], [0.3, 0.3, 0.3]);
    expect(red).toBeCloseTo(green ?? NaN, 5);
    expect(green).toBeCloseTo(blue ?? NaN, 5);
  });
});
