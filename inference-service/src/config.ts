import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadConfig, port, wholeNumber } from '@stylizer/common';
import { z } from 'zod';

const cores = availableParallelism();

/** Threads past four give little at 512 px; further cores serve further pictures instead. */
const THREADS_PER_WORKER = Math.min(cores, 4);

const schema = z.object({
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
  /** Threads that each hold the network and run one piece of a picture at a time. */
  INFERENCE_WORKERS: wholeNumber(Math.max(1, Math.floor(cores / 4)), 1, 64),
  /** Cores that one run uses. */
  INFERENCE_THREADS: wholeNumber(THREADS_PER_WORKER, 1, 128),
  /** Requests that may wait beyond those at work; the next one is answered 429. */
  INFERENCE_QUEUE_LIMIT: wholeNumber(32, 0, 10_000),
  /** Largest picture file in bytes. */
  MAX_IMAGE_BYTES: wholeNumber(60_000_000, 1),
  /** Bytes of uploads held in memory at once, over all requests. */
  BODY_MEMORY_BYTES: wholeNumber(100_000_000, 1),
  /** Largest picture, taken or given, in pixels; also how many are held decoded at once. */
  MAX_IMAGE_PIXELS: wholeNumber(100_000_000, 256),
  /** Largest picture run in one piece, in pixels: about 450 bytes of memory each. Others go by tiles. */
  WHOLE_IMAGE_MAX_PIXELS: wholeNumber(2_100_000, 65_536),
  /** Milliseconds a request's body may take to arrive. */
  REQUEST_TIMEOUT_MS: wholeNumber(60_000, 1_000),
  /** Milliseconds that work in hand gets to finish after SIGTERM. */
  SHUTDOWN_TIMEOUT_MS: wholeNumber(25_000, 0),
});

export type Config = z.output<typeof schema>;

/** @throws ConfigError naming each bad variable. */
export const readConfig = (env: Record<string, string | undefined> = process.env): Config =>
  loadConfig(schema, env);
