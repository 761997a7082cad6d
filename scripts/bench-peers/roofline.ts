import type { LayerKind } from './layer-kinds.js';

export interface Roofline {
  side: number;
  threads: number;
  /** Sizes of a matrix product, and GFLOP/s on one and all threads. */
  products: { sizes: string; one: number; all: number }[];
  /** GB/s of reading two vectors and writing their sum. */
  bandwidth: { one: number; all: number };
  /** Milliseconds of our network, without the profiler. */
  network: { one: number; all: number };
  kinds: LayerKind[];
  /** Multiply-adds per pixel. */
  macsPerPixel: { ours: number; johnson: number; adain: number };
}

/** A multiply-add is two operations. */
const FLOPS_PER_MAC = 2;

/** The machine's measured peak in GFLOP/s on all threads: the fastest of the matrix products. */
export const peakOf = ({ products }: Roofline): number =>
  Math.max(...products.map(({ all }) => all));

/** Useful GFLOP/s: work on rounded-up channels does not count. */
export const gflops = (macs: number, ms: number): number => (FLOPS_PER_MAC * macs) / ms / 1e6;

/** The share of the machine's peak that the whole network reaches on all threads. */
export function fractionOfPeak(roofline: Roofline): number {
  const macs = roofline.macsPerPixel.ours * roofline.side ** 2;
  return gflops(macs, roofline.network.all) / peakOf(roofline);
}

/** Operations per byte above which arithmetic is the bound instead of memory. */
export const ridgeOf = (roofline: Roofline): number => peakOf(roofline) / roofline.bandwidth.all;

/** Below this time a node spends most of it on the call itself. */
const CALL_MS = 0.02;

export interface Bound {
  by: 'arithmetic' | 'memory' | 'calls';
  /** Operations per byte read or written. */
  intensity: number;
  /** Time at the bound divided by time taken; above 1 if the data was in caches. */
  reached: number;
}

export function boundOf({ macs, bytes, ms, nodes }: LayerKind, roofline: Roofline): Bound {
  const intensity = (FLOPS_PER_MAC * macs) / bytes;
  const arithmeticMs = (FLOPS_PER_MAC * macs) / peakOf(roofline) / 1e6;
  const memoryMs = bytes / roofline.bandwidth.all / 1e6;
  const reached = Math.max(arithmeticMs, memoryMs) / ms;
  if (ms / nodes < CALL_MS && reached < 0.5) return { by: 'calls', intensity, reached };
  return { by: arithmeticMs >= memoryMs ? 'arithmetic' : 'memory', intensity, reached };
}
