import type { ExecutedNode, Operand } from './profile.js';

export interface Convolution {
  kernel: number;
  stride: number;
  channelsIn: number;
  channelsOut: number;
  height: number;
  width: number;
}

/** A plain convolution's sizes, or undefined for other nodes. Height and width are those of its result. */
export function convolutionOf(node: ExecutedNode): Convolution | undefined {
  const [x, weights] = node.inputs;
  const [, channelsOut = 0, height = 0, width = 0] = node.outputs[0]?.shape ?? [];
  if (!/Conv$/.test(node.op) || !x || !weights) return undefined;
  const [, channelsIn = 0, kernel = 0] = weights.shape;
  // Correct with and without padding in the convolution, which is smaller than a stride.
  const stride = Math.round(((x.shape[2] ?? 0) - kernel + 1) / Math.max(1, height - 1)) || 1;
  return { kernel, stride, channelsIn, channelsOut, height, width };
}

export const convolutionMacs = (c: Convolution): number =>
  c.height * c.width * c.kernel ** 2 * c.channelsIn * c.channelsOut;

/** Multiply-adds of one node; 0 unless it is a convolution or a matrix product. */
export function macsOf(node: ExecutedNode): number {
  const convolution = convolutionOf(node);
  if (convolution) return convolutionMacs(convolution);
  if (!/^(Gemm|MatMul|FusedMatMul|FusedGemm)$/.test(node.op)) return 0;
  return elements(node.outputs[0]) * (node.inputs[0]?.shape.at(-1) ?? 0);
}

export const elements = (operand: Operand | undefined): number =>
  operand?.shape.reduce((product, length) => product * length, 1) ?? 0;

/**
 * Maps every executed convolution to its origin in the graph. ONNX Runtime rounds channels up to whole
 * vectors, so an executed one has at least as many channels.
 *
 * @throws Error when one has no counterpart: the two did not come from the same graph and size.
 */
export function pairConvolutions(
  executed: readonly Convolution[],
  written: readonly Convolution[],
): Convolution[] {
  const left = [...written];
  return executed.map((run) => {
    const extra = (c: Convolution) =>
      run.channelsIn - c.channelsIn + run.channelsOut - c.channelsOut;
    const [origin] = left
      .filter(
        (c) =>
          c.kernel === run.kernel &&
          c.height === run.height &&
          c.width === run.width &&
          c.channelsIn <= run.channelsIn &&
          c.channelsOut <= run.channelsOut,
      )
      .sort((a, b) => extra(a) - extra(b));
    if (!origin) throw new Error(`No convolution of the graph fits ${JSON.stringify(run)}.`);
    left.splice(left.indexOf(origin), 1);
    return origin;
  });
}
