import { describe, expect, it } from '@jest/globals';
import { layerKinds } from './layer-kinds.js';
import { executedNodes } from './profile.js';

interface Sizes {
  channels: [number, number];
  kernel: number;
  side: [number, number];
}

/** An event of ONNX Runtime's profiler. */
const event = (index: number, op: string, us: number, inputs: number[][], output: number[]) => ({
  cat: 'Node',
  name: `node${index}_kernel_time`,
  dur: us,
  args: {
    op_name: op,
    node_index: String(index),
    input_type_shape: inputs.map((shape) => ({ float: shape })),
    output_type_shape: [{ float: output }],
  },
});

const conv = (index: number, us: number, { channels: [from, to], kernel, side }: Sizes) =>
  event(
    index,
    'Conv',
    us,
    [
      [1, from, side[0], side[0]],
      [to, from, kernel, kernel],
    ],
    [1, to, side[1], side[1]],
  );

const read = (...events: object[]) => executedNodes(JSON.stringify(events), 0);

const STEM: Sizes = { channels: [3, 24], kernel: 5, side: [68, 32] };
const RESIDUAL: Sizes = { channels: [64, 64], kernel: 3, side: [18, 16] };
const HEAD: Sizes = { channels: [24, 12], kernel: 3, side: [34, 32] };

describe('kinds of layer', () => {
  const written = read(conv(0, 1, STEM), conv(1, 1, RESIDUAL), conv(2, 1, HEAD));
  const executed = read(
    conv(7, 100, { ...STEM, channels: [3, 32] }),
    event(8, 'Pad', 50, [[1, 64, 16, 16]], [1, 64, 18, 18]),
    conv(9, 400, RESIDUAL),
    conv(10, 200, { ...HEAD, channels: [32, 16] }),
    event(11, 'Shape', 1, [[1, 64, 16, 16]], [4]),
  );
  const kinds = layerKinds(executed, written, 64);

  it('are identified by shapes, slowest first', () => {
    expect(kinds.map(({ kind }) => kind)).toEqual([
      'residual 3x3, 64 to 64, at 1/4',
      'head 3x3, 24 to 12, at 1/2',
      'stem 5x5/2, 3 to 24, at 1/2',
      'padding',
      'all else',
    ]);
  });

  it('separate the graph’s work from the work added by rounding up channels', () => {
    expect(kinds.find(({ kind }) => kind.startsWith('head'))).toMatchObject({
      macs: 32 * 32 * 9 * 24 * 12,
      executedMacs: 32 * 32 * 9 * 32 * 16,
      bytes: 4 * (32 * 34 * 34 + 9 * 32 * 16 + 16 * 32 * 32),
      ms: 0.2,
    });
  });

  it('are refused for a profile of another graph', () => {
    expect(() => layerKinds(executed, written.slice(1), 64)).toThrow('No convolution');
  });
});

describe('a profile', () => {
  it('gives the median over the runs after warm-up', () => {
    const runs = [9_000, 1_000, 3_000, 2_000].map((us) => conv(0, us, STEM));
    expect(executedNodes(JSON.stringify(runs), 1).map(({ ms }) => ms)).toEqual([2]);
  });
});
