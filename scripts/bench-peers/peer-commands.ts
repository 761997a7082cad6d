import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run/settings.js';
import { OUR_NETWORK } from '../bench/network-call.js';
import type { PeerCommand } from './peer.js';

/** Files that `make bench-peers` can recreate; git ignores them. */
export const WORK_FOLDER = join(ROOT, 'out/bench-peers');
export const PYTHON = join(ROOT, '.data/python/bin/python');
export const script = (file: string): string => join(ROOT, 'scripts/bench-peers', file);

/** Threads for every multi-threaded engine. */
export const THREADS = 2;

export const OURS = 'ours, ONNX Runtime';
export const OURS_WASM = 'ours, TensorFlow.js WASM';
/** Output folder of `make tensorflow`. */
export const OURS_TFJS_NODE = 'ours, tfjs-node';
export const JOHNSON = 'Johnson, ONNX Runtime';
export const JOHNSON_TORCH = 'Johnson, PyTorch';
export const JOHNSON_TORCH_LAST = 'Johnson, PyTorch, channels last';
export const ADAIN = 'AdaIN, ONNX Runtime';

const TFJS_NODE_IS_BUILT = existsSync(join(ROOT, '.data/tensorflow/installed'));

export const graph = (name: string): string => join(WORK_FOLDER, `${name}.onnx`);
export const photoPath = (side: number): string => join(WORK_FOLDER, `photo-${side}.rgb`);

/** Node with the loader for TypeScript. */
export const nodeArgs = (file: string, ...args: string[]): string[] => [
  '--import',
  '@swc-node/register/esm-register',
  script(file),
  ...args,
];

/** All networks on one photograph; ours comes first. */
export function peerCommands(side: number): PeerCommand[] {
  const photo = [photoPath(side), String(side)];
  const onnx = (name: string, path: string): PeerCommand => ({
    name,
    file: process.execPath,
    args: nodeArgs('onnx-peer.ts', path, ...photo, String(THREADS)),
  });
  const torch = (name: string, layout: string): PeerCommand => ({
    name,
    file: PYTHON,
    args: [script('torch_peer.py'), graph('johnson'), ...photo, String(THREADS), layout],
  });
  const tfjs = (name: string, binding: string): PeerCommand => ({
    name,
    file: process.execPath,
    args: nodeArgs('tfjs-peer.ts', binding, ...photo, String(THREADS)),
  });
  return [
    onnx(OURS, OUR_NETWORK),
    onnx(JOHNSON, graph('johnson')),
    torch(JOHNSON_TORCH, 'contiguous'),
    torch(JOHNSON_TORCH_LAST, 'channels-last'),
    onnx(ADAIN, graph('adain')),
    ...(TFJS_NODE_IS_BUILT ? [tfjs(OURS_TFJS_NODE, 'tfjs-node')] : []),
    tfjs(OURS_WASM, 'tfjs-wasm'),
  ];
}
