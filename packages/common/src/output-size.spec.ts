import { describe, expect, it } from '@jest/globals';
import { outputSize, strokeSize } from './output-size.js';

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

describe('strokeSize', () => {
  it.each([
    [1, { width: 1000, height: 333 }],
    [2, { width: 500, height: 167 }],
    [0.5, { width: 2000, height: 666 }],
  ])('at %d', (strokeScale, expected) => {
    expect(strokeSize({ width: 1000, height: 333 }, strokeScale)).toEqual(expected);
  });

  it('leaves no side without a pixel', () => {
    expect(strokeSize({ width: 9, height: 1 }, 4)).toEqual({ width: 2, height: 1 });
  });
});
