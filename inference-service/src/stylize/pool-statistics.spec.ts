import { describe, expect, it } from '@jest/globals';
import { poolStatistics } from './pool-statistics.js';

const statisticsOf = (values: number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Float32Array.of(mean, variance ** -0.5);
};

describe('poolStatistics', () => {
  it('gives what all values together give', () => {
    const halves = [
      [1, 2, 3, 7],
      [10, 11, 14, -5],
    ];
    const [mean, inverse] = poolStatistics(halves.map(statisticsOf));
    const [wholeMean, wholeInverse] = statisticsOf(halves.flat());
    expect(mean).toBeCloseTo(wholeMean ?? NaN, 5);
    expect(inverse).toBeCloseTo(wholeInverse ?? NaN, 5);
  });

  it('leaves a single batch as it is', () => {
    expect([...poolStatistics([Float32Array.of(2, 0.5, -1, 4)])]).toEqual([2, 0.5, -1, 4]);
  });
});
