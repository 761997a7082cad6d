/** Our network in TensorFlow.js as a peer. Usage: tfjs-peer.ts <weights folder> <photo.rgb> <side> */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { readPhoto, styleCode } from '../bench/network-call.js';
import { serveNetwork } from './peer-process.js';
import { createTfjsNetwork } from './tfjs-network.js';
import { readWeights } from './tfjs-weights.js';

const [weights = '', photo = '', side = ''] = process.argv.slice(2);
await tf.setBackend('wasm');
await tf.ready();
const network = createTfjsNetwork(readWeights(weights));
const pixels = Float32Array.from(readPhoto(photo, Number(side)).pixels, Number);
const content = tf.tensor4d(pixels, [1, Number(side), Number(side), 3]);
const z = tf.tensor2d(styleCode(), [1, styleCode().length]);

const run = (): tf.TypedArray => {
  const image = network(content, z);
  const values = image.dataSync();
  image.dispose();
  return values;
};

const [simd, threads] = await Promise.all([
  tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
  tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'),
]);
await serveNetwork({
  engine: `TensorFlow.js ${tf.version_core} WASM (${simd ? 'SIMD' : 'no SIMD'}, ${threads ? 'threads' : 'one thread'})`,
  run,
  planes: async () => {
    const values = run();
    const count = values.length / 3;
    return Float32Array.from(
      { length: values.length },
      (_, i) => values[(i % count) * 3 + Math.floor(i / count)] ?? Number.NaN,
    );
  },
});
