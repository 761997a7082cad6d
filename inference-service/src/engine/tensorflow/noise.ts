import * as tf from '@tensorflow/tfjs-core';
import type { Origin } from '../engine.js';
import type { Image } from './networks.js';
import type { Weights } from './weights.js';

/** In levels of 255: n x height x width x 1. */
export type Noise = (origins: readonly Origin[], height: number, width: number) => Image;

/** Noise that depends on the position, from tables in the weights; see `noise.py`. */
export function createNoise(weights: Weights): Noise {
  const normal = readTable(weights, 'noise.normal');
  const sign = readTable(weights, 'noise.sign');
  return (origins, height, width) => {
    const values = new Float32Array(origins.length * height * width);
    let at = 0;
    for (const { top, left } of origins)
      for (let y = top; y < top + height; y++) {
        const [normals, signs] = [normal(y), sign(y)];
        for (let x = left; x < left + width; x++)
          values[at++] = 255 * normals[x % normals.length]! * signs[x % signs.length]!;
      }
    return tf.tensor4d(values, [origins.length, height, width, 1]);
  };
}

/** The rows of a square table, tiled over the plane. */
function readTable(weights: Weights, name: string): (row: number) => Float32Array {
  const tensor = weights.get<tf.Tensor2D>(name);
  const [side] = tensor.shape;
  const numbers = tensor.dataSync<'float32'>().slice();
  tensor.dispose();
  const rows = Array.from({ length: side }, (_, row) =>
    numbers.subarray(row * side, (row + 1) * side),
  );
  return (row) => rows[row % side]!;
}
