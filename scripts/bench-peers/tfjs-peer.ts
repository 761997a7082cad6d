/** Our network in TensorFlow.js as a peer. Usage: tfjs-peer.ts <binding> <photo.rgb> <side> <threads> */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Binding } from '../../inference-service/src/engine/tensorflow/binding.js';
import { createTensorflowEngine } from '../../inference-service/src/engine/tensorflow/tensorflow-engine.js';
import { readPhoto, styleCode } from '../bench/network-call.js';
import { ROOT } from '../run/settings.js';
import { serveNetwork } from './peer-process.js';

const [binding = '', photo = '', side = '', threads = ''] = process.argv.slice(2);
// libtensorflow reads this when it is loaded.
process.env['TF_NUM_INTRAOP_THREADS'] = threads;
const engine = await createTensorflowEngine({
  modelDir: join(ROOT, 'inference-service/models'),
  binding: binding as Binding,
  threads: Number(threads),
  requireGpu: false,
});
const { pixels } = readPhoto(photo, Number(side));
const code = styleCode();

const run = async (): Promise<Uint8Array> => {
  const content = { data: Uint8Array.from(pixels), width: Number(side), height: Number(side) };
  const [painted] = await engine.stylize([{ content, code }]);
  return painted?.data ?? new Uint8Array();
};

await serveNetwork({
  engine: `TensorFlow.js ${tf.version_core}, ${binding === 'tfjs-wasm' ? 'WASM (SIMD, one thread)' : `${binding} with TensorFlow ${libraryVersion()}`}`,
  run,
  planes: async () => {
    const values = await run();
    const count = values.length / 3;
    return Float32Array.from(
      { length: values.length },
      (_, i) => (values[(i % count) * 3 + Math.floor(i / count)] ?? Number.NaN) / 255,
    );
  },
});

function libraryVersion(): string {
  const { binding: native } = tf.backend() as unknown as { binding: { TF_Version: string } };
  return native.TF_Version;
}
