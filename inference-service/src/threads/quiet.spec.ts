import { Worker } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { quiet } from './quiet.js';

describe('quiet', () => {
  it('waits no longer than it may on a machine that is busy throughout', async () => {
    const busy = Array.from(
      { length: availableParallelism() },
      () => new Worker('for (;;);', { eval: true }),
    );
    const began = performance.now();
    await quiet(500);
    const waited = performance.now() - began;
    await Promise.all(busy.map((worker) => worker.terminate()));
    expect(waited).toBeGreaterThan(480);
    expect(waited).toBeLessThan(5_000);
  });
});
