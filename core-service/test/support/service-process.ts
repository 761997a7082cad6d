import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../scripts/postgres/free-port.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LIFELINE = new URL('../../../scripts/run/lifeline.js', import.meta.url).href;
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

export interface ServiceProcess {
  url: string;
  port: number;
  /** Its output so far. */
  output(): string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/**
 * Runs an entry point as a separate process, from the sources.
 *
 * @param entry path below the repository's root
 * @param port of an earlier process that this one replaces
 * @param readyPath answers 200 once the process is ready
 */
export async function startService(
  entry: string,
  env: Record<string, string>,
  port?: number,
  readyPath = '/health/ready',
): Promise<ServiceProcess> {
  port ??= await freePort();
  const child = spawn(
    process.execPath,
    [
      ...['--enable-source-maps', '--import', '@swc-node/register/esm-register'],
      ...['--import', LIFELINE, entry],
    ],
    {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        NODE_V8_COVERAGE: process.env.CHILD_COVERAGE,
        LOG_LEVEL: 'warn',
        HOST: '127.0.0.1',
        PORT: String(port),
        METRICS_PORT: '0',
        ...env,
      },
      // The pipe ends when this process does, and with it the child (LIFELINE).
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const service: ServiceProcess = {
    url: `http://127.0.0.1:${port}`,
    port,
    output: () => output,
    kill: async () => void (await end(child, 'SIGKILL')),
    stop: () => end(child, 'SIGTERM'),
  };
  await untilReady(service, child, readyPath);
  return service;
}

/** The worker's only port is for metrics. */
export async function startWorker(env: Record<string, string>): Promise<ServiceProcess> {
  const port = await freePort();
  const metrics = { ...env, METRICS_PORT: String(port) };
  return startService('core-service/src/worker.ts', metrics, port, '/metrics');
}

async function untilReady(
  service: ServiceProcess,
  child: ChildProcess,
  path: string,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break;
    const response = await fetch(service.url + path).catch(() => undefined);
    if (response?.ok) return;
    await delay(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`the service did not become ready:\n${service.output()}`);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  return child.exitCode;
}
