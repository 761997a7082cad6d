import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type { Binding } from './binding.js';
import { restoreRemovedUtil } from './removed-util.js';

const PACKAGES = {
  'tfjs-node-gpu': '@tensorflow/tfjs-node-gpu',
  'tfjs-node': '@tensorflow/tfjs-node',
  'tfjs-wasm': '@tensorflow/tfjs-backend-wasm',
};

const require = createRequire(import.meta.url);

/** A binding that does not load. The message says why and what to do. */
export class BindingError extends Error {
  override readonly name = 'BindingError';
}

/**
 * Makes a binding the backend of this thread's TensorFlow.js.
 *
 * @returns `cuda` where it found a GPU, else `cpu`.
 * @throws BindingError when it is not installed or does not load.
 */
export async function loadBinding(binding: Binding): Promise<'cuda' | 'cpu'> {
  const name = PACKAGES[binding];
  const remedy = `npm install --no-save ${name}@${tf.version_core}, as docs/tensorflow.md tells.`;
  restoreRemovedUtil();
  // By require, which alone looks in NODE_PATH, and which is what these packages are written for.
  try {
    require.resolve(name);
  } catch (cause) {
    throw new BindingError(`${name} is not installed: ${remedy}`, { cause });
  }
  try {
    require(name);
    await tf.setBackend(binding === 'tfjs-wasm' ? 'wasm' : 'tensorflow');
    await tf.ready();
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new BindingError(`${name} does not load: ${reason} Install it anew: ${remedy}`, {
      cause,
    });
  }
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
  return isUsingGpuDevice ? 'cuda' : 'cpu';
}
