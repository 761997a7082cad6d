import { describe, expect, it } from '@jest/globals';
import { priceOf } from './pricing.js';

const rule = { baseTokens: 10, baseMegapixels: 2, stepTokens: 5, stepMegapixels: 2 };

describe('priceOf', () => {
  it.each([
    [16, 16, 10],
    [2000, 1000, 10],
    [2001, 1000, 15],
    [2000, 2000, 15],
    [4001, 1000, 20],
    [4000, 3000, 35],
    [10_000, 5_000, 130],
  ])('asks for an output of %i x %i pixels %i tokens', (width, height, tokens) => {
    expect(priceOf(rule, width, height)).toBe(tokens);
  });
});
