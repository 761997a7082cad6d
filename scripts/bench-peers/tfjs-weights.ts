import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

export interface Weights {
  /** A filter as TensorFlow.js lays it out: height, width, in, out. */
  filter(name: string): tf.Tensor4D;
  vector(name: string): tf.Tensor1D;
  matrix(name: string): tf.Tensor2D;
}

/** What `network_weights.py` wrote. @throws Error naming a weight that is not there. */
export function readWeights(folder: string): Weights {
  const index = JSON.parse(readFileSync(join(folder, 'weights.json'), 'utf8')) as Record<
    string,
    { shape: number[]; offset: number }
  >;
  const file = readFileSync(join(folder, 'weights.bin'));
  const values = new Float32Array(file.buffer, file.byteOffset, file.byteLength / 4);
  const tensor = (name: string) => {
    const entry = index[name];
    if (!entry) throw new Error(`The graph has no weights called ${name}.`);
    const { shape, offset } = entry;
    const length = shape.reduce((product, side) => product * side, 1);
    return tf.tensor(values.slice(offset, offset + length), shape);
  };
  return {
    filter: (name) => tf.transpose(tensor(name) as tf.Tensor4D, [2, 3, 1, 0]),
    vector: (name) => tensor(name) as tf.Tensor1D,
    matrix: (name) => tensor(name) as tf.Tensor2D,
  };
}
