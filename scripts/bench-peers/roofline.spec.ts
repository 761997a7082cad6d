import { describe, expect, it } from '@jest/globals';
import { boundOf, fractionOfPeak, type Roofline } from './roofline.js';

/** Peak 100 GFLOP/s, memory 10 GB/s. */
const roofline: Roofline = {
  side: 1000,
  threads: 2,
  products: [
    { sizes: 'a', one: 50, all: 90 },
    { sizes: 'b', one: 40, all: 100 },
  ],
  bandwidth: { one: 8, all: 10 },
  network: { one: 40, all: 20 },
  kinds: [],
  macsPerPixel: { ours: 500, johnson: 3000, adain: 9000 },
};
const kind = { kind: 'k', nodes: 1, executedMacs: 0 };

describe('a roofline', () => {
  it('uses the fastest product as the peak for the whole network', () => {
    expect(fractionOfPeak(roofline)).toBeCloseTo(0.5);
  });

  it('is bound by arithmetic with many operations per byte', () => {
    const bound = boundOf({ ...kind, macs: 1e9, bytes: 1e7, ms: 40 }, roofline);
    expect(bound).toEqual({ by: 'arithmetic', intensity: 200, reached: 0.5 });
  });

  it('is bound by memory with few operations or none', () => {
    const bound = boundOf({ ...kind, macs: 0, bytes: 1e8, ms: 20 }, roofline);
    expect(bound).toEqual({ by: 'memory', intensity: 0, reached: 0.5 });
  });

  it('is bound by calls with hardly any work', () => {
    const tiny = { ...kind, nodes: 10, macs: 100, bytes: 1_000, ms: 0.1 };
    expect(boundOf(tiny, roofline).by).toBe('calls');
  });
});
