import {
  type Convolution,
  convolutionMacs,
  convolutionOf,
  elements,
  macsOf,
  pairConvolutions,
} from './convolution.js';
import type { ExecutedNode, Operand } from './profile.js';

export interface LayerKind {
  kind: string;
  nodes: number;
  /** Multiply-adds of the graph. */
  macs: number;
  /** Executed multiply-adds: channels are rounded up to whole vectors. */
  executedMacs: number;
  /** Bytes of inputs, outputs and weights, each counted once. */
  bytes: number;
  ms: number;
}

/** Kinds below this share of the time are combined. */
const SMALLEST_SHARE = 0.005;

const KIND_OF_OP: Record<string, string> = {
  InstanceNormalization: 'instance norm',
  ReduceMean: "norms' statistics",
  Pad: 'padding',
  ReorderInput: "conversion of the convolutions' layout",
  ReorderOutput: "conversion of the convolutions' layout",
  Relu: 'activations',
  Sigmoid: 'activations',
  Resize: 'nearest upsampling',
  DepthToSpace: 'pixel shuffle',
  Transpose: 'cutting, joining, bytes',
  Slice: 'cutting, joining, bytes',
  Concat: 'cutting, joining, bytes',
  Cast: 'cutting, joining, bytes',
  Reshape: 'cutting, joining, bytes',
  Add: 'norms, sums and scales',
  Sub: 'norms, sums and scales',
  Mul: 'norms, sums and scales',
  Gemm: "style code to norms' gains and offsets",
  MatMul: "style code to norms' gains and offsets",
  Gather: "style code to norms' gains and offsets",
  Split: "style code to norms' gains and offsets",
};

const BYTES: Record<string, number> = { uint8: 1, int8: 1, bool: 1, float16: 2, int64: 8 };

/**
 * Time and work by kind of layer, slowest first.
 *
 * @param executed nodes of the optimised graph, timed.
 * @param written nodes of the same graph, run unoptimized on an image of the same size.
 * @param side of the image in pixels.
 */
export function layerKinds(
  executed: readonly ExecutedNode[],
  written: readonly ExecutedNode[],
  side: number,
): LayerKind[] {
  const convolutions = (nodes: readonly ExecutedNode[]) =>
    nodes.map(convolutionOf).filter((c) => c !== undefined);
  const origins = pairConvolutions(convolutions(executed), convolutions(written));
  const kinds = new Map<string, LayerKind>();
  for (const node of executed) {
    const origin = convolutionOf(node) && origins.shift();
    const kind = origin ? nameOf(origin, side) : (KIND_OF_OP[node.op] ?? node.op);
    const executedMacs = macsOf(node);
    add(kinds, {
      kind,
      nodes: 1,
      macs: origin ? convolutionMacs(origin) : executedMacs,
      executedMacs,
      bytes: [...node.inputs, ...node.outputs].reduce((sum, operand) => sum + bytesOf(operand), 0),
      ms: node.ms,
    });
  }
  const total = [...kinds.values()].reduce((sum, { ms }) => sum + ms, 0);
  const shown = new Map<string, LayerKind>();
  for (const kind of kinds.values())
    add(shown, kind.ms < SMALLEST_SHARE * total ? { ...kind, kind: 'all else' } : kind);
  return [...shown.values()].sort((a, b) => b.ms - a.ms);
}

/** Role, kernel, channels and output resolution. */
function nameOf(c: Convolution, side: number): string {
  const stride = c.stride > 1 ? `/${c.stride}` : '';
  const at = side === c.width ? 'full size' : `1/${Math.round(side / c.width)}`;
  return `${roleOf(c)} ${c.kernel}x${c.kernel}${stride}, ${c.channelsIn} to ${c.channelsOut}, at ${at}`;
}

function roleOf(c: Convolution): string {
  if (c.stride > 1) return c.channelsIn === 3 ? 'stem' : 'strided';
  if (c.kernel === 1) return 'skip';
  if (c.channelsIn === c.channelsOut) return 'residual';
  // Three colours, or three for each pixel of a pixel shuffle.
  return c.channelsOut === 3 || c.channelsOut === 12 ? 'head' : 'upsampling';
}

const bytesOf = (operand: Operand) => elements(operand) * (BYTES[operand.type] ?? 4);

function add(kinds: Map<string, LayerKind>, more: LayerKind): void {
  const known = kinds.get(more.kind);
  if (!known) {
    kinds.set(more.kind, { ...more });
    return;
  }
  for (const key of ['nodes', 'macs', 'executedMacs', 'bytes', 'ms'] as const)
    known[key] += more[key];
}
