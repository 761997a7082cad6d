import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadConfig, port, wholeNumber } from '@stylizer/common';
import { z } from 'zod';
import { DEVICES } from './engine/devices.js';
import { BINDINGS, bindingsFor } from './engine/tensorflow/binding.js';

const variables = z.object({
  /** For libraries that ask; the service itself is the same in all three. */
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** Address to listen on. The service asks nobody who they are: keep it off the internet. */
  HOST: z.string().default('127.0.0.1'),
  PORT: port(8001),
  /** `/metrics` alone, for a scraper that must not see the rest. */
  METRICS_PORT: port(9465),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Folder with manifest.json and the files it lists. */
  MODEL_DIR: z.string().default(fileURLToPath(new URL('../models', import.meta.url))),
  /** What runs the network; `tensorflow` is the first of its bindings that loads. */
  INFERENCE_ENGINE: z.enum(['onnx', 'tensorflow', ...BINDINGS]).default('onnx'),
  /** What the network runs on; `auto` takes a GPU that starts and is faster, else the CPU. */
  INFERENCE_DEVICE: z.enum(['auto', ...DEVICES]).default('auto'),
  /** Threads that each hold the network and run one piece of a picture at a time; unset: measured. */
  INFERENCE_WORKERS: wholeNumber(0, 0, 64),
  /** Cores that one run uses; unset: measured. */
  INFERENCE_THREADS: wholeNumber(0, 0, 128),
  /** Pictures of one size that a GPU runs at once. */
  INFERENCE_BATCH: wholeNumber(8, 1, 64),
  /** Milliseconds that a GPU waits for a batch to fill. */
  INFERENCE_BATCH_WAIT_MS: wholeNumber(3, 0, 1_000),
  /** Requests that may wait beyond those at work; the next one is answered 429. */
  INFERENCE_QUEUE_LIMIT: wholeNumber(32, 0, 10_000),
  /** Largest picture file in bytes. */
  MAX_IMAGE_BYTES: wholeNumber(60_000_000, 1),
  /** Bytes of uploads held in memory at once, over all requests. */
  BODY_MEMORY_BYTES: wholeNumber(120_000_000, 1),
  /** Largest picture, taken or given, in pixels. */
  MAX_IMAGE_PIXELS: wholeNumber(100_000_000, 256, 1_000_000_000),
  /** Largest picture run in one piece, in pixels: about 180 bytes of memory each. Others go by tiles. */
  WHOLE_IMAGE_MAX_PIXELS: wholeNumber(2_100_000, 65_536),
  /** Where pictures that go by tiles lie meanwhile: up to 9 bytes a pixel. */
  SCRATCH_DIR: z.string().default(tmpdir()),
  /** Milliseconds a request's body may take to arrive. */
  REQUEST_TIMEOUT_MS: wholeNumber(60_000, 1_000),
  /** Milliseconds that work in hand gets to finish after SIGTERM. */
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
