import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadConfig, port, wholeNumber } from '@stylizer/common';
import { z } from 'zod';
import { DEVICES } from './engine/devices.js';
import { BINDINGS, bindingsFor } from './engine/tensorflow/binding.js';

const variables = z.object({
  /** Read by libraries only. */
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** Address to listen on. The service has no authentication: keep it off the internet. */
  HOST: z.string().default('127.0.0.1'),
  PORT: port(8001),
  /** `/metrics` only, for a scraper without access to the API. */
  METRICS_PORT: port(9465),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Folder with manifest.json and the files it lists. */
  MODEL_DIR: z.string().default(fileURLToPath(new URL('../models', import.meta.url))),
  /** The runtime; `tensorflow` uses its first binding that loads. */
  INFERENCE_ENGINE: z.enum(['onnx', 'tensorflow', ...BINDINGS]).default('onnx'),
  /** `auto` uses a GPU if one starts and is faster, else the CPU. */
  INFERENCE_DEVICE: z.enum(['auto', ...DEVICES]).default('auto'),
  /** Threads, each with the network loaded; unset: measured. */
  INFERENCE_WORKERS: wholeNumber(0, 0, 64),
  /** Cores that one run uses; unset: measured. */
  INFERENCE_THREADS: wholeNumber(0, 0, 128),
  /** Images of one size that a GPU runs at once. */
  INFERENCE_BATCH: wholeNumber(8, 1, 64),
  /** Milliseconds that a GPU waits for a batch to fill. */
  INFERENCE_BATCH_WAIT_MS: wholeNumber(3, 0, 1_000),
  /** Requests that may wait; the next one gets 429. */
  INFERENCE_QUEUE_LIMIT: wholeNumber(32, 0, 10_000),
  /** Largest upload in bytes. */
  MAX_IMAGE_BYTES: wholeNumber(60_000_000, 1),
  /** Bytes of all uploads in memory at once. */
  BODY_MEMORY_BYTES: wholeNumber(120_000_000, 1),
  /** Largest input and largest output, in pixels. */
  MAX_IMAGE_PIXELS: wholeNumber(100_000_000, 256, 1_000_000_000),
  /** Largest image run as a whole, in pixels of about 180 bytes of memory. Larger ones are tiled. */
  WHOLE_IMAGE_MAX_PIXELS: wholeNumber(2_100_000, 65_536),
  /** Temporary files of tiled images: up to 9 bytes per pixel. */
  SCRATCH_DIR: z.string().default(tmpdir()),
  /** Milliseconds for a request's body to arrive. */
  REQUEST_TIMEOUT_MS: wholeNumber(60_000, 1_000),
  /** Milliseconds for running jobs to finish after SIGTERM. */
  SHUTDOWN_TIMEOUT_MS: wholeNumber(25_000, 0),
});

const schema = variables.refine(
  ({ INFERENCE_ENGINE: engine, INFERENCE_DEVICE: device }) =>
    engine === 'onnx' || bindingsFor(engine, device).length > 0,
  {
    path: ['INFERENCE_DEVICE'],
    message: 'TensorFlow runs on cpu (tfjs-node, tfjs-wasm) or cuda (tfjs-node-gpu)',
  },
);

export type Config = z.output<typeof schema>;

/** @throws ConfigError naming each bad variable. */
export const readConfig = (env: Record<string, string | undefined> = process.env): Config =>
  loadConfig(schema, env);
