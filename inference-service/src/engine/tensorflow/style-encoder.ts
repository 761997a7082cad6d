import * as tf from '@tensorflow/tfjs-core';
import type { Image, Networks } from './networks.js';
import { spatialMean } from './norms.js';
import type { Weights } from './weights.js';

const DEVIATION_EPSILON = 1e-4;
const LAYER_NORM_EPSILON = 1e-5;

/**
 * A pyramid of strided convolutions; mean and deviation of the image and of every level pass a layer norm,
 * then a small perceptron and a parallel linear layer give the code.
 */
export function createStyleEncoder(weights: Weights): Networks['encode'] {
  const levels: ((x: Image) => Image)[] = [];
  for (let level = 0; weights.has(`cs.${level}.0.weight`); level++) {
    const down = convolution(weights, `cs.${level}.0`, 2);
    const same = weights.has(`cs.${level}.1.weight`)
      ? convolution(weights, `cs.${level}.1`, 1)
      : (x: Image) => x;
    levels.push((x) => same(down(x)));
  }
  const [gain, bias] = [weights.get<tf.Tensor1D>('ln.weight'), weights.get<tf.Tensor1D>('ln.bias')];
  const [first, second, direct] = ['f1', 'f2', 'f3'].map((name) => linear(weights, name)) as [
    Linear,
    Linear,
    Linear,
  ];
  const normalize = (x: tf.Tensor2D) => {
    const { mean, variance } = tf.moments(x, 1, true);
    const deviation = tf.sqrt(tf.add(variance, LAYER_NORM_EPSILON));
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), deviation), gain), bias) as tf.Tensor2D;
  };

  return (style) =>
    tf.tidy(() => {
      let x = tf.sub(tf.mul(style, 2 / 255), 1) as Image;
      const pooled = moments(x);
      for (const level of levels) {
        x = level(x);
        pooled.push(...moments(x));
      }
      const v = normalize(tf.concat(pooled, 1));
      return tf.add(second(tf.relu(first(v))), direct(v));
    });
}

/** Mean and deviation of each channel, n x channels each. */
function moments(x: Image): tf.Tensor2D[] {
  const [mean, square] = [x, tf.square(x)].map((values) =>
    tf.squeeze(spatialMean(values), [1, 2]),
  ) as [tf.Tensor2D, tf.Tensor2D];
  const variance = tf.relu(tf.sub(square, tf.square(mean)));
  return [mean, tf.sqrt(tf.add(variance, DEVIATION_EPSILON))];
}

/** Zero-padded, followed by a ReLU. */
function convolution(weights: Weights, name: string, stride: number): (x: Image) => Image {
  const filter = weights.filter(`${name}.weight`);
  const bias = weights.get<tf.Tensor1D>(`${name}.bias`);
  const edge = (filter.shape[0] - 1) / 2;
  const around: [number, number] = [edge, edge];
  return (x) => {
    const padded = tf.pad(x, [[0, 0], around, around, [0, 0]]);
    return tf.relu(tf.add(tf.conv2d(padded, filter, stride, 'valid'), bias)) as Image;
  };
}

type Linear = (x: tf.Tensor2D) => tf.Tensor2D;

function linear(weights: Weights, name: string): Linear {
  const matrix = weights.get<tf.Tensor2D>(`${name}.weight`);
  const bias = weights.get<tf.Tensor1D>(`${name}.bias`);
  return (x) => tf.add(tf.matMul(x, matrix, false, true), bias);
}
