import { existsSync } from 'node:fs';
import { join } from 'node:path';
import './no-telemetry.js';
import { env, InferenceSession, listSupportedBackends } from 'onnxruntime-node';

/** ONNX Runtime's execution providers that can run the network. */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'coreml', 'dml'] as const;

export type Device = (typeof DEVICES)[number];

/**
 * The order in which `auto` tries them. Without TensorRT, which builds an engine for minutes for each
 * image size.
 */
const GPUS: readonly Device[] = ['cuda', 'coreml', 'dml', 'webgpu'];

/** Without any of these, Linux has no GPU; not probing keeps the providers' errors out of the log. */
const LINUX_GPU_FILES = ['/dev/nvidiactl', '/dev/dri', '/dev/dxg'];

/** The first GPU provider that starts, if any. */
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
