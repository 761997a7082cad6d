import { availableParallelism } from 'node:os';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.js';
import { type Binding, bindingsFor } from '../engine/tensorflow/binding.js';
import { chooseLayout } from './choose-layout.js';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.js';

type Hooks = Pick<ThreadPoolOptions, 'spawn' | 'onRestart' | 'onFatal'>;
type Start = (options: Pick<ThreadPoolOptions, 'engine' | 'workers'>) => Promise<ThreadPool>;

/**
 * Starts threads with the network loaded, on the configured engine and device.
 *
 * @throws Error when it does not start there; the message names the variable.
 */
export async function startPool(
  config: Config,
  logger: FastifyBaseLogger,
  hooks: Hooks,
): Promise<ThreadPool> {
  const { INFERENCE_BATCH: batch, INFERENCE_BATCH_WAIT_MS: batchWaitMs } = config;
  const start: Start = (options) => ThreadPool.start({ ...options, batch, batchWaitMs, ...hooks });
  if (config.INFERENCE_ENGINE !== 'onnx') return startTensorflow(config, logger, start);

  const { workers, ...shared } = await chooseLayout(config, logger);
  const engine = { engine: 'onnx', modelDir: config.MODEL_DIR, ...shared } as const;
  return start({ engine, workers }).catch((cause: unknown) => {
    const message = `The network does not start on ${shared.device} (INFERENCE_DEVICE).`;
    throw new Error(message, { cause });
  });
}

/** Uses the first binding that runs the network. */
async function startTensorflow(
  config: Config,
  logger: FastifyBaseLogger,
  start: Start,
): Promise<ThreadPool> {
  const bindings = bindingsFor(config.INFERENCE_ENGINE, config.INFERENCE_DEVICE);
  const reasons: string[] = [];
  for (const binding of bindings)
    try {
      return await start(tensorflowOptions(config, binding));
    } catch (error) {
      const { message: reason } = ((error as Error).cause ?? error) as Error;
      logger.warn({ binding, reason }, 'this TensorFlow binding does not run the network');
      reasons.push(reason);
    }
  throw new Error(
    `The network does not start on ${bindings.join(', ')} (INFERENCE_ENGINE). ${reasons.join(' ')}`,
  );
}

function tensorflowOptions(config: Config, binding: Binding): Parameters<Start>[0] {
  const { INFERENCE_ENGINE: engine, MODEL_DIR: modelDir } = config;
  // The GPU package falls back to the CPU, which nobody who configured a GPU wants.
  const requireGpu = engine === 'tfjs-node-gpu' || config.INFERENCE_DEVICE === 'cuda';
  const options = { engine: 'tensorflow', binding, modelDir, requireGpu } as const;
  const cores = availableParallelism();
  // WASM has one thread in Node.js; libtensorflow has a thread pool of its own.
  if (binding === 'tfjs-wasm')
    return { engine: { ...options, threads: 1 }, workers: config.INFERENCE_WORKERS || cores };
  const threads = config.INFERENCE_THREADS || cores;
  // libtensorflow reads these when it loads, from the process's environment, not the thread's.
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  return { engine: { ...options, threads }, workers: 1 };
}
