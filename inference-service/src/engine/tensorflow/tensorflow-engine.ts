import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { CODE_LENGTH, type Engine, type Pixels, STYLE_SIDE } from '../engine.js';
import type { Binding } from './binding.js';
import { BindingError, loadBinding } from './load-binding.js';
import { loadGraphNetworks } from './graph-networks.js';
import type { Image, Networks } from './networks.js';
import { createStyleEncoder } from './style-encoder.js';
import { createTransformer } from './transformer.js';
import { readWeights } from './weights.js';

export interface TensorflowOptions {
  modelDir: string;
  binding: Binding;
  /** Cores that one run uses; the native bindings read TF_NUM_INTRAOP_THREADS. */
  threads: number;
  /** Whether to fail when the binding finds no GPU. */
  requireGpu: boolean;
}

/**
 * TensorFlow.js on one binding, without falling back to another. Runs our own forward pass when the folder
 * has `weights.safetensors`, else its TF.js graph models.
 *
 * @throws BindingError
 * @throws Error when the model cannot be loaded.
 */
export async function createTensorflowEngine(options: TensorflowOptions): Promise<Engine> {
  const { modelDir, binding, requireGpu } = options;
  const device = await loadBinding(binding);
  if (requireGpu && device !== 'cuda')
    throw new BindingError(
      `${binding} found no GPU: docs/tensorflow.md lists the driver, CUDA and cuDNN that it needs.`,
    );
  const networks = await openNetworks(modelDir);

  return {
    name: binding,
    device,
    async encode(picture) {
      if (picture.width !== STYLE_SIDE || picture.height !== STYLE_SIDE)
        throw new RangeError(`A style image must be a square of ${STYLE_SIDE} pixels.`);
      return numbers(tf.tidy(() => networks.encode(pixelTensor([picture]))));
    },
    async stylize(batch) {
      const pictures = batch.map(({ content }) => content);
      const statistics = batch.flatMap((run) => (run.statistics ? [run.statistics] : []));
      const image = tf.tidy(() =>
        networks.stylize(
          pixelTensor(pictures),
          codeTensor(batch.map(({ code }) => code)),
          batch.map(({ origin }) => origin ?? { left: 0, top: 0 }),
          statistics.length > 0 ? statisticsTensor(statistics) : undefined,
        ),
      );
      return split(numbers(image), pictures);
    },
    async statistics(crops, code) {
      return numbers(
        tf.tidy(() => networks.statistics(pixelTensor(crops), codeTensor(crops.map(() => code)))),
      );
    },
  };
}

async function openNetworks(modelDir: string): Promise<Networks> {
  const weights = join(modelDir, 'weights.safetensors');
  if (!existsSync(weights))
    return loadGraphNetworks(join(modelDir, 'style-encoder'), join(modelDir, 'network'));
  return {
    encode: createStyleEncoder(readWeights(weights, 'enc.')),
    ...createTransformer(readWeights(weights, 'gen.')),
  };
}

/** Reads a tensor and disposes of it. */
function numbers(tensor: tf.Tensor): Float32Array {
  // Copied: dataSync may return a view of TensorFlow's memory.
  const data = (tensor.dataSync() as Float32Array).slice();
  tensor.dispose();
  return data;
}

function pixelTensor(pictures: readonly Pixels[]): Image {
  const [{ data: first, width, height }] = pictures as [Pixels];
  const data = new Float32Array(pictures.length * first.length);
  pictures.forEach((picture, index) => data.set(picture.data, index * first.length));
  return tf.tensor4d(data, [pictures.length, height, width, 3]);
}

/** Writes into the memory of the input images, which saves an allocation. */
function split(values: Float32Array, pictures: readonly Pixels[]): Pixels[] {
  const length = values.length / pictures.length;
  return pictures.map((picture, index) => {
    const { buffer, byteOffset } = picture.data;
    // Clamped arrays round.
    const pixels = new Uint8ClampedArray(buffer, byteOffset, length);
    pixels.set(values.subarray(index * length, (index + 1) * length));
    return picture;
  });
}

const codeTensor = (codes: readonly Float32Array[]): tf.Tensor2D =>
  tf.tensor2d(joined(codes), [codes.length, CODE_LENGTH]);

const statisticsTensor = (all: readonly Float32Array[]): tf.Tensor3D =>
  tf.tensor3d(joined(all), [all.length, (all[0]?.length ?? 0) / 2, 2]);

function joined(all: readonly Float32Array[]): Float32Array {
  const length = all[0]?.length ?? 0;
  const data = new Float32Array(all.length * length);
  all.forEach((each, index) => data.set(each, index * length));
  return data;
}
