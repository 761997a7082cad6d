import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@stylizer/common';
import { readConfig } from './config.js';

describe('readConfig', () => {
  it('has a default for every variable', () => {
    const config = readConfig({});
    expect(config).toMatchObject({ HOST: '127.0.0.1', PORT: 8001, INFERENCE_QUEUE_LIMIT: 32 });
    expect(config).toMatchObject({ INFERENCE_DEVICE: 'auto', INFERENCE_WORKERS: 0 });
  });

  it('refuses a device that the engine does not run on', () => {
    const read = (engine: string, device: string) =>
      readConfig({ INFERENCE_ENGINE: engine, INFERENCE_DEVICE: device });
    expect(() => read('tensorflow', 'webgpu')).toThrow('INFERENCE_DEVICE: TensorFlow runs on cpu');
    expect(() => read('tfjs-wasm', 'cuda')).toThrow(ConfigError);
    expect(read('onnx', 'webgpu')).toMatchObject({ INFERENCE_ENGINE: 'onnx' });
  });

  it('names a bad variable and not its value', () => {
    const read = () => readConfig({ INFERENCE_WORKERS: 'secret' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/^(?=[^]*INFERENCE_WORKERS)(?![^]*secret)/);
  });
});
