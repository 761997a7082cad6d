import type { Statistics } from '../engine/engine.js';

/**
 * The statistics of several batches of equal size as one: the mean of the means, and the deviation
 * about it, from pairs of mean and 1/deviation.
 */
export function poolStatistics(batches: readonly Statistics[]): Statistics {
  const pooled = new Float32Array(batches[0]?.length ?? 0);
  for (let i = 0; i < pooled.length; i += 2) {
    let mean = 0;
    let square = 0;
    for (const batch of batches) {
      const own = batch[i]!;
      mean += own / batches.length;
      square += (own ** 2 + batch[i + 1]! ** -2) / batches.length;
    }
    pooled[i] = mean;
    pooled[i + 1] = (square - mean ** 2) ** -0.5;
  }
  return pooled;
}
