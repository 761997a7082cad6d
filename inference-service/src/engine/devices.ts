import { existsSync } from 'node:fs';
import { join } from 'node:path';
import './no-telemetry.js';
import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node';

/** ONNX Runtime's execution providers that can run the network. */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'coreml', 'dml'] as const;

export type Device = (typeof DEVICES)[number];

/**
 * Tried in this order where nothing is named. TensorRT is not: it builds an engine for minutes for
 * each size of picture.
 */
const GPUS: readonly Device[] = ['cuda', 'coreml', 'dml', 'webgpu'];

/** Without any of these Linux has no GPU to offer, and the providers need not complain of it. */
const LINUX_GPU_FILES = ['/dev/nvidiactl', '/dev/dri', '/dev/dxg'];

/** The best GPU provider that starts; undefined where none does. */
export async function findGpu(modelDir: string): Promise<Device | undefined> {
  if (process.platform === 'linux' && !LINUX_GPU_FILES.some((file) => existsSync(file)))
    return undefined;
  const known = listSupportedBackends().map(({ name }) => name);
  for (const device of GPUS)
    if (known.includes(device) && (await starts(device, modelDir))) return device;
  return undefined;
}

async function starts(device: Device, modelDir: string): Promise<boolean> {
  const { logLevel } = env;
  env.logLevel = 'fatal';
  try {
    const options = { executionProviders: [device], logSeverityLevel: 4 } as const;
    const session = await InferenceSession.create(join(modelDir, 'style-encoder.onnx'), options);
    await session.release();
    return true;
  } catch {
    return false;
  } finally {
    if (logLevel) env.logLevel = logLevel;
  }
}
