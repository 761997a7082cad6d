import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An error that the user can fix; shown without a stack trace. */
export class Plain extends Error {
  override readonly name = 'Plain';
}

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Settings {
  /** Holds the database, the stored images and the secret; git ignores it. */
  dataFolder: string;
  /** undefined: the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  /** undefined: the last port used, else 5433, else any free port. */
  postgresPort: number | undefined;
  /** undefined: our own inference service. */
  inferenceUrl: string | undefined;
  host: string;
  corePort: number;
  coreMetricsPort: number;
  inferencePort: number;
  inferenceMetricsPort: number;
  jwtSecret: string;
  /** Milliseconds after SIGTERM after which a service is killed. */
  stopGraceMs: number;
}

/** Someone is waiting at the terminal, so running jobs get less time than in production. */
const SHUTDOWN_SECONDS = 10;

/**
 * Reads the environment, then `.env` for missing variables; creates a missing secret.
 *
 * @throws Plain naming the invalid variable.
 */
export function readSettings(): Settings {
  const file = join(ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  const dataFolder = join(ROOT, '.data');
  mkdirSync(dataFolder, { recursive: true });
  return {
    dataFolder,
    databaseUrl: process.env.DATABASE_URL || undefined,
    postgresPort: portFrom('POSTGRES_PORT'),
    inferenceUrl: process.env.INFERENCE_URL || undefined,
    host: process.env.HOST || '127.0.0.1',
    corePort: portFrom('PORT') ?? 8000,
    coreMetricsPort: portFrom('METRICS_PORT') ?? 9464,
    inferencePort: portFrom('INFERENCE_PORT') ?? 8001,
    inferenceMetricsPort: portFrom('INFERENCE_METRICS_PORT') ?? 9465,
    jwtSecret: process.env.JWT_SECRET || rememberedSecret(dataFolder),
    stopGraceMs: (SHUTDOWN_SECONDS + 5) * 1_000,
  };
}

/** The core service's URL on this machine. */
export const baseUrl = ({ corePort }: Settings): string => `http://127.0.0.1:${corePort}`;

export function coreEnvironment(settings: Settings, databaseUrl: string): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'development',
    WORKER_ENABLED: 'true',
    SHUTDOWN_TIMEOUT_SECONDS: String(SHUTDOWN_SECONDS),
    STORAGE_DRIVER: 'disk',
    STORAGE_DIR: join(settings.dataFolder, 'storage'),
    PUBLIC_URL: `http://localhost:${settings.corePort}`,
    ...process.env,
    HOST: settings.host,
    PORT: String(settings.corePort),
    METRICS_PORT: String(settings.coreMetricsPort),
    DATABASE_URL: databaseUrl,
    JWT_SECRET: settings.jwtSecret,
    INFERENCE_URL: settings.inferenceUrl ?? `http://127.0.0.1:${settings.inferencePort}`,
  };
}

export function inferenceEnvironment(settings: Settings): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'development',
    // glibc's heaps, one per thread, retain 30 MB more than they use.
    MALLOC_ARENA_MAX: '2',
    // ONNX Runtime sends telemetry since 1.29 unless turned off.
    ORT_DISABLE_TELEMETRY: '1',
    SHUTDOWN_TIMEOUT_MS: String(SHUTDOWN_SECONDS * 1_000),
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(settings.inferencePort),
    METRICS_PORT: String(settings.inferenceMetricsPort),
  };
  // Inference knows nothing of users, tokens or the database, so it does not get their secrets.
  delete env.DATABASE_URL;
  delete env.JWT_SECRET;
  delete env.ENCRYPTION_KEYS;
  delete env.SMTP_URL;
  return env;
}

function portFrom(name: string): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Plain(`${name} must be a port number, 1 to 65535.`);
}

/** Stored, so that access tokens stay valid after a restart. */
function rememberedSecret(dataFolder: string): string {
  const file = join(dataFolder, 'jwt-secret');
  try {
    // Fails if the file exists, so that two processes at once agree on one secret.
    writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch {
    // The file exists; an unwritable folder fails below.
  }
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Plain(`Cannot read ${file}: does it belong to another account?`);
  }
}
