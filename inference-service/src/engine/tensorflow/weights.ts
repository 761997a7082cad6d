import * as tf from '@tensorflow/tfjs-core';
import { readSafetensors } from './safetensors.js';

/** The parameters of one of the networks, as PyTorch lays them out: filters out x in x height x width. */
export interface Weights {
  has(name: string): boolean;
  /** How many numbers it is. @throws Error naming a parameter that is not there. */
  size(name: string): number;
  /** Whoever asks disposes of it. @throws Error naming a parameter that is not there. */
  get<T extends tf.Tensor>(name: string): T;
  /** As TensorFlow lays filters out: height x width x in x out. */
  filter(name: string): tf.Tensor4D;
}

/** @param prefix of the network's parameters: `enc.` or `gen.` */
export function readWeights(path: string, prefix: string): Weights {
  const all = readSafetensors(path);
  const find = (name: string) => {
    const weight = all.get(prefix + name);
    if (!weight) throw new Error(`${path} has no parameter ${prefix}${name}.`);
    return weight;
  };
  const get = <T extends tf.Tensor>(name: string): T => {
    const { values, shape } = find(name);
    return tf.tensor(values, shape) as T;
  };
  return {
    has: (name) => all.has(prefix + name),
    size: (name) => find(name).values.length,
    get,
    filter: (name) => tf.tidy(() => tf.transpose(get<tf.Tensor4D>(name), [2, 3, 1, 0])),
  };
}
