import { fileURLToPath } from 'node:url';
import { createEngine } from '../../src/engine/create-engine.js';
import type { Engine } from '../../src/engine/engine.js';
import type { Binding } from '../../src/engine/tensorflow/binding.js';

const modelDir = fileURLToPath(new URL('../../models', import.meta.url));

/** What the tests run on: `onnx`, or the binding of TensorFlow that `make test-tensorflow` names. */
export const ENGINE = process.env['INFERENCE_ENGINE'] ?? 'onnx';

/** The bundled model on {@link ENGINE}, on this thread. */
export const createTestEngine = (): Promise<Engine> =>
  createEngine({
    modelDir,
    threads: 2,
    ...(ENGINE === 'onnx'
      ? { engine: 'onnx', device: 'cpu' }
      : { engine: 'tensorflow', binding: ENGINE as Binding, requireGpu: false }),
  });
