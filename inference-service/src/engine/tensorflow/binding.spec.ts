import { describe, expect, it } from '@jest/globals';
import { bindingsFor } from './binding.js';

describe('the bindings of TensorFlow', () => {
  it.each([
    ['tensorflow', 'auto', ['tfjs-node-gpu', 'tfjs-node', 'tfjs-wasm']],
    ['tensorflow', 'cpu', ['tfjs-node', 'tfjs-wasm']],
    ['tensorflow', 'cuda', ['tfjs-node-gpu']],
    ['tfjs-node', 'auto', ['tfjs-node']],
    ['tfjs-node', 'cuda', []],
    ['tensorflow', 'webgpu', []],
    ['onnx', 'auto', []],
  ])('of %s on %s', (engine, device, expected) => {
    expect(bindingsFor(engine, device)).toEqual(expected);
  });
});
