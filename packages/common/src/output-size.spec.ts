import { describe, expect, it } from '@jest/globals';
import { outputSize } from './output-size.js';

describe('outputSize', () => {
  it('is the size of the input when nothing is asked', () => {
    expect(outputSize({ width: 640, height: 427 })).toEqual({ width: 640, height: 427 });
  });

  it.each([
    [{ width: 1000, height: 500 }, 512, { width: 512, height: 256 }],
    [{ width: 500, height: 1000 }, 512, { width: 256, height: 512 }],
    [{ width: 100, height: 100 }, 512, { width: 512, height: 512 }],
    [{ width: 3, height: 2 }, 64, { width: 64, height: 43 }],
  ])('brings the longest side of %j to %i', (input, maxSize, expected) => {
    expect(outputSize(input, maxSize)).toEqual(expected);
  });

  it('leaves no side without a pixel', () => {
    expect(outputSize({ width: 20_000, height: 16 }, 64)).toEqual({ width: 64, height: 1 });
  });
});
