import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { best, layoutsFor, waitUntilIdle } from './layout.js';

const open = { workers: 0, threads: 0 };
const shape = (cores: number, fixed = open) =>
  layoutsFor(cores, fixed).map(({ workers, threads }) => `${workers} x ${threads}`);

describe('layoutsFor', () => {
  it.each([
    [1, ['1 x 1']],
    [2, ['1 x 2', '2 x 1']],
    [6, ['1 x 6', '2 x 3', '4 x 1', '6 x 1']],
    [16, ['1 x 16', '2 x 8', '4 x 4', '8 x 2', '16 x 1']],
  ])('shares out %i cores', (cores, expected) => {
    expect(shape(cores)).toEqual(expected);
  });

  it('keeps configured values', () => {
    expect(shape(8, { workers: 3, threads: 0 })).toEqual(['3 x 2']);
    expect(shape(8, { workers: 0, threads: 4 })).toEqual(['2 x 4']);
    expect(shape(8, { workers: 5, threads: 7 })).toEqual(['5 x 7']);
    expect(shape(2, { workers: 0, threads: 4 })).toEqual(['1 x 4']);
  });
});

describe('best', () => {
  const measured = (workers: number, latencyMs: number, perSecond: number) => ({
    device: 'cpu' as const,
    workers,
    threads: 1,
    latencyMs,
    perSecond,
  });

  it('accepts a little latency for much throughput, and not the reverse', () => {
    expect(best([measured(1, 10, 100), measured(2, 12, 160)])).toMatchObject({ workers: 2 });
    expect(best([measured(1, 36, 27), measured(2, 61, 33)])).toMatchObject({ workers: 1 });
    expect(best([measured(1, 45, 22), measured(2, 55, 32)])).toMatchObject({ workers: 1 });
    expect(best([])).toBeUndefined();
  });
});

describe('waitUntilIdle', () => {
  it('stops waiting at its limit on a busy machine', async () => {
    const busy = Array.from(
      { length: availableParallelism() },
      () => new Worker('for (;;);', { eval: true }),
    );
    const began = performance.now();
    await waitUntilIdle(500);
    const waited = performance.now() - began;
    await Promise.all(busy.map((worker) => worker.terminate()));
    expect(waited).toBeGreaterThan(480);
    expect(waited).toBeLessThan(5_000);
  });
});
