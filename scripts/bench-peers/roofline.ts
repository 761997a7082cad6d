import type { LayerKind } from './layer-kinds.js';

export interface Roofline {
  side: number;
  threads: number;
  /** Sizes of a matrix product, and gigaflops: thousand million operations a second on one and all threads. */
  products: { sizes: string; one: number; all: number }[];
  /** Thousand million bytes a second, of two vectors read and their sum written. */
  bandwidth: { one: number; all: number };
  /** Milliseconds of our network, not profiled. */
  network: { one: number; all: number };
  kinds: LayerKind[];
  /** Multiply-adds for each pixel of the picture. */
  macsPerPixel: { ours: number; johnson: number; adain: number };
}

/** A multiply-add is two operations. */
const FLOPS_PER_MAC = 2;

/** The machine's measured peak in GFLOP/s on all threads: the fastest of the matrix products. */
export const peakOf = ({ products }: Roofline): number =>
  Math.max(...products.map(({ all }) => all));

/** GFLOP/s that were useful: what was executed on rounded-up channels does not count. */
export const gflops = (macs: number, ms: number): number => (FLOPS_PER_MAC * macs) / ms / 1e6;

/** The part of the machine's peak that the whole network reaches, on all threads. */
export function fractionOfPeak(roofline: Roofline): number {
  const macs = roofline.macsPerPixel.ours * roofline.side ** 2;
  return gflops(macs, roofline.network.all) / peakOf(roofline);
}

/** Operations for each byte from which on arithmetic bounds and not memory. */
export const ridgeOf = (roofline: Roofline): number => peakOf(roofline) / roofline.bandwidth.all;

/** A node that takes less has been called, and did little else. */
const CALL_MS = 0.02;

export interface Bound {
  by: 'arithmetic' | 'memory' | 'calls';
  /** Operations for each byte read or written. */
  intensity: number;
  /** Time at the bound over time taken; above 1 where caches hold what memory is charged for. */
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
