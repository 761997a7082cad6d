import type { LayerKind } from './layer-kinds.js';
import { boundOf, fractionOfPeak, gflops, peakOf, ridgeOf, type Roofline } from './roofline.js';
import { PEAK_TARGET } from './targets.js';

const percent = (fraction: number) => `${(100 * fraction).toFixed(0)} %`;
const millions = (count: number) => (count / 1e6).toFixed(0);

/** The text of docs/roofline.md; `origin` names date, commit and machine. */
export function rooflinePage(origin: string, roofline: Roofline): string {
  const { side, threads, products, bandwidth, network, kinds, macsPerPixel } = roofline;
  const peak = peakOf(roofline);
  const onePeak = Math.max(...products.map(({ one }) => one));
  const macs = macsPerPixel.ours * side ** 2;
  const sum = (of: (kind: LayerKind) => number) =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  const profiledMs = sum(({ ms }) => ms);
  const working = (kind: LayerKind) => boundOf(kind, roofline).by === 'arithmetic';
  const workingMs = sum((kind) => (working(kind) ? kind.ms : 0));
  const workingMacs = sum((kind) => (working(kind) ? kind.macs : 0));
  const executedMacs = sum(({ executedMacs }) => executedMacs);

  return `# Roofline

${origin}

## The machine

| Matrix product, float32 | 1 thread | ${threads} threads |
| --- | --- | --- |
${products.map(({ sizes, one, all }) => `| ${sizes} | ${one.toFixed(0)} GFLOP/s | ${all.toFixed(0)} GFLOP/s |`).join('\n')}
| **Peak: the fastest** | **${onePeak.toFixed(0)} GFLOP/s** | **${peak.toFixed(0)} GFLOP/s** |

Memory: ${bandwidth.one.toFixed(0)} GB/s on one thread, ${bandwidth.all.toFixed(0)} GB/s on ${threads} (two vectors of 128 MB read, their sum written).
The last product corresponds to a residual convolution at an eighth of 512 x 512.
From ${ridgeOf(roofline).toFixed(1)} operations per byte, arithmetic is the bound instead of memory.

## The network, ${side} x ${side}, ${threads} threads

| | |
| --- | --- |
| Multiply-adds | ${macsPerPixel.ours.toFixed(0)} a pixel, ${millions(macs)} million an image |
| Time | ${network.all.toFixed(1)} ms (${network.one.toFixed(1)} ms on one thread) |
| Reached | ${gflops(macs, network.all).toFixed(0)} GFLOP/s, **${percent(fractionOfPeak(roofline))} of the peak** (target: ${percent(PEAK_TARGET)}); on one thread ${percent(gflops(macs, network.one) / onePeak)} of one thread's |
| Minimum at this peak | ${(network.all * fractionOfPeak(roofline)).toFixed(1)} ms |

The arithmetic-bound kinds of layer take ${workingMs.toFixed(1)} of ${profiledMs.toFixed(1)} ms under the profiler, and reach ${percent(gflops(workingMacs, workingMs) / peak)} of the peak there.
The other ${(profiledMs - workingMs).toFixed(1)} ms go to moving data. ONNX Runtime rounds channels up to whole vectors, which adds ${percent(executedMacs / sum((kind) => kind.macs) - 1)} to the graph's multiply-adds.

## By kind of layer

| Kind | Nodes | Time | Share | Multiply-adds a pixel | Million an image | GFLOP/s | Of peak | Channels in use | Operations a byte | Bound by | Of the bound |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${kinds.map((kind) => row(kind, roofline, profiledMs)).join('\n')}

- Multiply-adds are counted from the shapes in the graph; a multiply-add is two operations.
- Times are from ONNX Runtime's profiler, the median of each node's runs.
- Channels in use: the share of executed multiply-adds that the graph needs.
- Of the bound: the time at the peak or at the memory's speed, whichever is longer, divided by the time taken. Above 100 %: the data was in caches, or the convolution is faster than the fastest matrix product.
- Calls: so little work that most of the time is spent starting the node.
`;
}

function row(kind: LayerKind, roofline: Roofline, profiledMs: number): string {
  const { macs, executedMacs, ms } = kind;
  const { by, intensity, reached } = boundOf(kind, roofline);
  const speed = gflops(macs, ms);
  const arithmetic = [
    (macs / roofline.side ** 2).toFixed(0),
    millions(macs),
    speed.toFixed(0),
    percent(speed / peakOf(roofline)),
    percent(macs / executedMacs),
    intensity.toFixed(1),
  ];
  const cells = [
    kind.kind,
    kind.nodes,
    `${ms.toFixed(2)} ms`,
    percent(ms / profiledMs),
    ...(macs > 0 ? arithmetic : arithmetic.map(() => '-')),
    by,
    percent(reached),
  ];
  return `| ${cells.join(' | ')} |`;
}
