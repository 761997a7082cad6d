import { describe, expect, it } from '@jest/globals';
import { blendCodes, mixPhoto, photoShare } from './blend.js';

describe('blendCodes', () => {
  it('returns a single code for any weight', () => {
    expect([...blendCodes([{ code: [1, -2], weight: 0.25 }])]).toEqual([1, -2]);
  });

  it('computes the weighted mean', () => {
    const blended = blendCodes([
      { code: [0, 4], weight: 1 },
      { code: [4, 0], weight: 3 },
    ]);
    expect([...blended]).toEqual([3, 1]);
  });

  it('stays finite for huge and tiny weights', () => {
    const huge = blendCodes([
      { code: [2], weight: Number.MAX_VALUE },
      { code: [4], weight: Number.MAX_VALUE },
    ]);
    const tiny = blendCodes([{ code: [2], weight: Number.MIN_VALUE }]);
    expect([...huge, ...tiny]).toEqual([3, 2]);
  });

  it('refuses weights that sum to zero', () => {
    expect(() => blendCodes([{ code: [1], weight: 0 }])).toThrow(RangeError);
  });
});

describe('photoShare', () => {
  it('is all at strength 0 and nothing at full strength', () => {
    expect([photoShare(0), photoShare(1)]).toEqual([1, 0]);
  });

  it('never grows with strength, and has no jump', () => {
    const shares = Array.from({ length: 101 }, (_, i) => photoShare(i / 100));
    const steps = shares.slice(1).map((share, i) => (shares[i] ?? NaN) - share);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThan(0.04);
  });
});

describe('mixPhoto', () => {
  it('goes from the stylized image to the photo', () => {
    const pixel = (...data: number[]) => ({ data: Uint8Array.from(data), width: 1, height: 1 });
    const styled = pixel(50, 0, 255);
    mixPhoto(styled, pixel(150, 255, 0), 0.25);
    expect([...styled.data]).toEqual([75, 64, 191]);
  });
});
