import { describe, expect, it } from '@jest/globals';
import { ProgressReport } from './progress-writer.js';
import type { Progress } from '../transformation.js';

const HOUR_MS = 3_600_000;

function report(pauseMs: number) {
  const written: number[] = [];
  const writes = { atOnce: 0, most: 0, all: written };
  const write = async ({ tilesDone }: Progress) => {
    writes.most = Math.max(writes.most, ++writes.atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    written.push(tilesDone);
    writes.atOnce--;
  };
  const reporting = new ProgressReport(write, pauseMs);
  const tell = (tilesDone: number) => reporting.tell({ tilesDone, tilesTotal: 12 });
  return { writes, tell, end: () => reporting.end() };
}

describe('a report of progress', () => {
  it('writes the first at once and the last at the end, whatever came between', async () => {
    const { writes, tell, end } = report(HOUR_MS);
    for (let tile = 1; tile <= 12; tile++) tell(tile);
    expect(writes.atOnce).toBe(1);
    await end();
    expect(writes.all).toEqual([1, 12]);
  });

  it('writes the latest after each pause, one at a time', async () => {
    const { writes, tell, end } = report(1);
    for (let tile = 1; tile <= 12; tile++) {
      tell(tile);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await end();
    expect(writes.all.at(-1)).toBe(12);
    expect(writes.all).toEqual(writes.all.toSorted((a, b) => a - b));
    expect(writes.most).toBe(1);
  });

  it('writes nothing when nothing was told, nor the same twice', async () => {
    const silent = report(HOUR_MS);
    await silent.end();
    expect(silent.writes.all).toEqual([]);
    const { writes, tell, end } = report(HOUR_MS);
    tell(3);
    await end();
    await end();
    expect(writes.all).toEqual([3]);
  });
});
