import { createRequire } from 'node:module';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { Binding } from './binding.js';

const PACKAGES = {
  'tfjs-node-gpu': '@tensorflow/tfjs-node-gpu',
  'tfjs-node': '@tensorflow/tfjs-node',
  'tfjs-wasm': '@tensorflow/tfjs-backend-wasm',
};

const require = createRequire(import.meta.url);

/** A binding that does not load. The message gives the reason and the fix. */
export class BindingError extends Error {
  override readonly name = 'BindingError';
}

/**
 * Makes a binding the backend of this thread's TensorFlow.js.
 *
 * @returns `cuda` when it found a GPU, else `cpu`.
 * @throws BindingError when it is not installed or does not load.
 */
export async function loadBinding(binding: Binding): Promise<'cuda' | 'cpu'> {
  const name = PACKAGES[binding];
  const remedy = `npm install --no-save ${name}@${tf.version_core}; see docs/tensorflow.md.`;
  restoreRemovedUtil();
  // By require: only that searches NODE_PATH, and these packages are written for it.
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
    throw new BindingError(`${name} does not load: ${reason} Reinstall it: ${remedy}`, {
      cause,
    });
  }
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
  return isUsingGpuDevice ? 'cuda' : 'cpu';
}

/**
 * Restores `util.isNullOrUndefined`, which tfjs-node 4.22 calls and Node 23 removed. Fixed upstream in
 * April 2025 (https://github.com/tensorflow/tfjs/pull/8425), not yet released.
 */
export function restoreRemovedUtil(): void {
  if ('isNullOrUndefined' in util) return;
  const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  Object.assign(util, { isNullOrUndefined });
}
