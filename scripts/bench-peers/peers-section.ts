import {
  ADAIN,
  JOHNSON,
  JOHNSON_TORCH,
  JOHNSON_TORCH_LAST,
  OURS,
  OURS_TFJS_NODE,
  OURS_WASM,
} from './peer-commands.js';
import { ratioOf, type SizeResult, timeOf, turnsOf } from './peers-result.js';
import { fractionOfPeak, type Roofline } from './roofline.js';
import { targetLines } from './targets.js';

export interface PeersResult {
  /** Engine of each network, by name. */
  engines: ReadonlyMap<string, string>;
  sizes: readonly SizeResult[];
  roofline: Roofline;
}

const ALL_PEERS = [OURS_TFJS_NODE, OURS_WASM, JOHNSON, JOHNSON_TORCH, JOHNSON_TORCH_LAST, ADAIN];
const OURS_TOO = [OURS_TFJS_NODE, OURS_WASM];

/** The section of docs/benchmarks.md. */
export function peersSection(origin: string, result: PeersResult): string {
  const { sizes, roofline } = result;
  return `## Comparison with other networks

${origin}
- The same photograph (\`assets/sample.jpg\`, cut to a square and scaled) for all, float32, ${roofline.threads} threads for every engine except WASM, which has one in Node.js.
- Johnson: the network of PyTorch's fast-neural-style, channels 32-64-128, five residual blocks, 9x9 ends. AdaIN: VGG-19 up to relu4_1 and its mirror; the style's statistics are inputs. Both have random weights. Before the run, our network in TensorFlow and Johnson in PyTorch were checked to give the same results as in ONNX Runtime.
- Each network runs in a separate process; they take turns in rounds, after one or two warm-up runs.

Time relative to ours, the median of the rounds:

${ratioTable(result)}

Milliseconds, the median of the rounds (fastest to slowest):

${timeTable(result)}

${[...failures(sizes), ...targetLines(sizes, fractionOfPeak(roofline))].join('\n')}

Where our network spends its time, and how close it comes to this machine's peak: [roofline.md](roofline.md).
`;
}

function ratioTable({ engines, sizes, roofline: { macsPerPixel } }: PeersResult): string {
  const { ours, johnson, adain } = macsPerPixel;
  const times = (ratio: number | undefined) =>
    ratio === undefined ? '-' : `${ratio.toFixed(1)} x`;
  const rows = peersOf(engines).map((name) => {
    const macs = OURS_TOO.includes(name) ? ours : name === ADAIN ? adain : johnson;
    return [name, times(macs / ours), ...sizes.map((size) => times(ratioOf(size, name, OURS)))];
  });
  return table(['Network', 'Multiply-adds', ...sizeHeads(sizes)], rows);
}

function timeTable({ engines, sizes }: PeersResult): string {
  const rows = [OURS, ...peersOf(engines)].map((name) => [
    name,
    engines.get(name) ?? '-',
    ...sizes.map((size) => spread(size, name)),
  ]);
  return table(['Network', 'Engine', ...sizeHeads(sizes)], rows);
}

/** Networks that ran at any size. */
const peersOf = (engines: PeersResult['engines']) => ALL_PEERS.filter((name) => engines.has(name));

function spread(size: SizeResult, name: string): string {
  const found = turnsOf(size, name);
  const median = timeOf(size, name);
  if ('error' in found || median === undefined) return 'failed';
  return `${ms(median)} (${ms(Math.min(...found.turns))} to ${ms(Math.max(...found.turns))})`;
}

/** No more digits than machine noise allows. */
const ms = (value: number) => value.toFixed(value < 100 ? 1 : 0);

const sizeHeads = (sizes: readonly SizeResult[]) => sizes.map(({ side }) => `${side} x ${side}`);

const failures = (sizes: readonly SizeResult[]): string[] =>
  sizes.flatMap(({ side, turns }) =>
    turns.flatMap((entry) =>
      'error' in entry ? [`- Failed: ${entry.name} at ${side} x ${side}: ${entry.error}`] : [],
    ),
  );

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
