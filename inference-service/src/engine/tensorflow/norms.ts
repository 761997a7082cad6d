import * as tf from '@tensorflow/tfjs-core';
import type { Image } from './networks.js';
import type { Weights } from './weights.js';

const EPSILON = 1e-5;

/** Applies the norm with that name. */
export type Normalize = (name: string, x: Image) => Image;

/** The norms of one run. */
export interface Norms {
  normalize: Normalize;
  /** The joint statistics of the run: 1 x channels x (mean, 1/deviation). */
  used(): tf.Tensor3D;
  dispose(): void;
}

/** Mean and 1/deviation, n or 1 x 1 x 1 x channels each. */
type Statistics = [mean: Image, inverse: Image];

/**
 * Conditional instance norms: gain and bias of every channel are linear in the style code.
 *
 * @param names in the order of the statistics.
 */
export function createNorms(weights: Weights, names: readonly string[]) {
  const { matrix, bias } = tf.tidy(() => ({
    matrix: tf.concat(names.map((name) => weights.get<tf.Tensor2D>(`${name}.fc.weight`))),
    bias: tf.concat(names.map((name) => weights.get<tf.Tensor1D>(`${name}.fc.bias`))),
  }));
  const channels = names.map((name) => weights.size(`${name}.fc.bias`) / 2);
  const halves = channels.flatMap((count) => [count, count]);

  return {
    /** @param statistics n x channels x 2; absent: computed per image. */
    begin(codes: tf.Tensor2D, statistics?: tf.Tensor3D | 'jointly'): Norms {
      const affine = tf.tidy(() =>
        tf.split(spread(tf.add(tf.matMul(codes, matrix, false, true), bias)), halves, 3),
      ) as Image[];
      const given = statistics instanceof tf.Tensor ? split(statistics, channels) : [];
      const jointly = statistics === 'jointly';
      const taken = new Map<string, Statistics>();

      const normalize = (name: string, x: Image) => {
        const index = names.indexOf(name);
        const [mean, inverse] = given[index] ?? measure(x, jointly);
        if (jointly) taken.set(name, [tf.keep(mean), tf.keep(inverse)]);
        const [gain, offset] = [affine[2 * index] as Image, affine[2 * index + 1] as Image];
        const scale = tf.mul(gain, inverse);
        const shift = tf.sub(offset, tf.mul(mean, scale));
        const scaled = tf.mul(x, scale);
        const shifted = tf.add(scaled, shift) as Image;
        scaled.dispose();
        return shifted;
      };
      return {
        normalize,
        used: () =>
          tf.tidy(() => {
            const pairs = names.map((name) => tf.concat(taken.get(name) ?? [], 1));
            return tf.transpose(tf.squeeze(tf.concat(pairs, 3), [2]), [0, 2, 1]);
          }),
        dispose: () => tf.dispose([affine, given, [...taken.values()]]),
      };
    },
  };
}

/** Per image, or joint. */
function measure(x: Image, jointly: boolean): Statistics {
  return tf.tidy(() => {
    const averageOf = (values: Image) =>
      jointly ? tf.mean(spatialMean(values), 0, true) : spatialMean(values);
    const mean = averageOf(x) as Image;
    const square = averageOf(tf.square(x));
    const variance = tf.relu(tf.sub(square, tf.square(mean)));
    return [mean, tf.rsqrt(tf.add(variance, EPSILON)) as Image];
  });
}

/** n x height x width x channels to n x 1 x 1 x channels. */
export function spatialMean(x: Image): Image {
  const [, height, width] = x.shape;
  // On WASM a mean transposes first, which takes sixteen times as long; on a GPU pooling would use one thread.
  return tf.getBackend() === 'wasm'
    ? tf.avgPool(x, [height, width], 1, 'valid')
    : tf.mean(x, [1, 2], true);
}

/** n x channels to n x 1 x 1 x channels. */
const spread = (x: tf.Tensor): Image => tf.reshape(x, [x.shape[0] ?? 0, 1, 1, -1]);

function split(statistics: tf.Tensor3D, channels: number[]): Statistics[] {
  return tf.tidy(() => {
    const [means, inverses] = tf
      .unstack(statistics, 2)
      .map((half) => tf.split(spread(half), channels, 3) as Image[]);
    return channels.map((_, i) => [means?.[i], inverses?.[i]] as Statistics);
  });
}
