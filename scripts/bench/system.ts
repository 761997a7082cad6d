import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../postgres/free-port.js';
import { startPostgres } from '../postgres.js';
import { waitUntilReady } from '../run/readiness.js';
import { ROOT } from '../run/settings.js';

export interface BenchSystem {
  coreUrl: string;
  inferenceUrl: string;
  pids: { core: number; inference: number };
  grant(email: string, tokens: number): void;
  makeOperator(email: string): void;
  stop(): Promise<void>;
}

/**
 * Starts the built services and a PostgreSQL that syncs to disk, as in production, in separate folders.
 *
 * @param settings environment variables that override the benchmark's
 */
export async function startBenchSystem(
  settings: Record<string, string> = {},
): Promise<BenchSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'stylizer-bench-'));
  const postgres = await startPostgres({
    dataDirectory: `${folder}-postgres`,
    durable: true,
    throwAway: true,
  });
  await postgres.createDatabase('bench');
  const [corePort, inferencePort] = [await freePort(), await freePort()];
  const coreUrl = `http://127.0.0.1:${corePort}`;
  const inferenceUrl = `http://127.0.0.1:${inferencePort}`;
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    METRICS_PORT: '0',
    DATABASE_URL: postgres.url('bench'),
    JWT_SECRET: randomBytes(48).toString('base64'),
    MAIL_REQUIRED: 'false',
    STORAGE_DIR: join(folder, 'storage'),
    INFERENCE_URL: inferenceUrl,
    // The benchmark is one very busy user.
    RATE_LIMIT_SUBMIT_PER_MINUTE: '1000000',
    RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000000',
    RATE_LIMIT_AUTH_PER_MINUTE: '1000000',
    EVENT_STREAMS_PER_ACCOUNT: '10000',
    WAITING_SUBMISSIONS_PER_ACCOUNT: '10000',
    UPLOADS_PER_ACCOUNT: '10000',
    ACCESS_TOKEN_SECONDS: '86400',
    ...settings,
  };
  const runCore = (entry: string, args: string[] = []) => {
    const options = { cwd: ROOT, env, stdio: 'inherit' } as const;
    const { status } = spawnSync(
      process.execPath,
      [`core-service/dist/${entry}`, ...args],
      options,
    );
    if (status !== 0) throw new Error(`${entry} failed`);
  };
  runCore('migrate.js');
  const inference = start('inference-service/dist/main.js', {
    ...env,
    // Like `make run`.
    MALLOC_ARENA_MAX: '2',
    PORT: String(inferencePort),
  });
  const core = start('core-service/dist/main.js', { ...env, PORT: String(corePort) });
  const ended = new AbortController();
  for (const child of [inference, core]) child.once('exit', () => ended.abort());
  await waitUntilReady('inference', inferenceUrl, console.log, ended.signal);
  await waitUntilReady('core', coreUrl, console.log, ended.signal);
  return {
    coreUrl,
    inferenceUrl,
    pids: { core: core.pid ?? 0, inference: inference.pid ?? 0 },
    grant: (email, tokens) =>
      runCore('grant.js', [`--email=${email}`, `--tokens=${tokens}`, '--reason=bench']),
    makeOperator: (email) => runCore('operator.js', [`--email=${email}`]),
    stop: async () => {
      await Promise.all([end(core), end(inference)]);
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function start(entry: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [entry], { cwd: ROOT, env, stdio: 'inherit' });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
