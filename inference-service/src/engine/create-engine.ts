import type { Engine } from './engine.js';
import type { OnnxOptions } from './onnx-engine.js';
import type { TensorflowOptions } from './tensorflow/tensorflow-engine.js';

export type EngineOptions =
  ({ engine: 'onnx' } & OnnxOptions) | ({ engine: 'tensorflow' } & TensorflowOptions);

/** Loads only the requested runtime. @throws Error when it does not start. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  if (options.engine === 'onnx')
    return (await import('./onnx-engine.js')).createOnnxEngine(options);
  const { createTensorflowEngine } = await import('./tensorflow/tensorflow-engine.js');
  return createTensorflowEngine(options);
}
