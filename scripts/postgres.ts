import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './postgres/free-port.js';
import { runningPostmaster } from './postgres/lock-file.js';
import { placeCluster } from './postgres/placement.js';
import {
  type Cluster,
  ensureRunning,
  halt,
  initialize,
  passwordOf,
  PortTakenError,
  SUPERUSER,
} from './postgres/server.js';
import { Session } from './postgres/session.js';
import { guard } from './postgres/watchdog.js';

const DEFAULT_PORT = 5433;
/** SQLSTATE: waiting longer does not help. */
const INVALID_PASSWORD = '28P01';

export interface PostgresOptions {
  /** Made when it is not there. */
  dataDirectory: string;
  /** Without it: the one used last, else 5433, else any that is free. */
  port?: number;
  /** false for tests: nothing is synced to disk. */
  durable: boolean;
  /** The data are removed when it is stopped, or when this process dies; by default where they are not durable. */
  throwAway?: boolean;
  /** Hears what a person should know. */
  notice?: (text: string) => void;
}

export interface Postgres {
  readonly port: number;
  /** false where it was running already. */
  readonly startedHere: boolean;
  url(database: string): string;
  createDatabase(name: string): Promise<void>;
  /** Whether we are the only `make run` on these data. */
  claimRun(): Promise<boolean>;
  /** Called once, when the server goes away and nobody called stop(). */
  onLost(listener: () => void): void;
  /** Stops the server, unless others still use it. Never hangs, also when it is dead already. */
  stop(): Promise<'stopped' | 'left running'>;
  /** Lets go of the server and leaves it as it is. */
  release(): Promise<void>;
  /** Ends the server without waiting for anything; its data come to no harm. */
  kill(): void;
}

/**
 * Starts the embedded PostgreSQL on 127.0.0.1, or takes over one that runs on these data.
 *
 * @throws PortTakenError when a given port belongs to another program.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const notice = options.notice ?? (() => undefined);
  const { durable, throwAway = !durable } = options;
  const cluster: Cluster = {
    ...placeCluster(options.dataDirectory, notice),
    durable,
    throwAway,
  };
  const dismiss = throwAway ? guard(cluster) : () => undefined;
  await initialize(cluster);

  const deadline = Date.now() + 60_000;
  for (;;) {
    const startedHere = await ensureRunningSomewhere(cluster, options.port, notice);
    const port = runningPostmaster(cluster.dataDirectory)?.port;
    try {
      if (!port) throw new Error('PostgreSQL exited right after it started.');
      return handle(cluster, await Session.open(cluster, port), port, startedHere, dismiss);
    } catch (error) {
      // It may be on its way down, or up, in another process's hands.
      if (Date.now() > deadline || (error as { code?: string }).code === INVALID_PASSWORD)
        throw error;
      await delay(200);
    }
  }
}

async function ensureRunningSomewhere(
  cluster: Cluster,
  asked: number | undefined,
  notice: (text: string) => void,
): Promise<boolean> {
  const memory = join(cluster.dataDirectory, 'stylizer-port');
  const remembered = existsSync(memory) ? Number(readFileSync(memory, 'utf8')) : undefined;
  const usual = cluster.throwAway ? await freePort() : (remembered ?? DEFAULT_PORT);
  try {
    return await ensureRunning(cluster, asked ?? usual);
  } catch (error) {
    if (!(error instanceof PortTakenError) || asked !== undefined) throw error;
  }
  const other = await freePort();
  if (!cluster.throwAway) {
    notice(`Port ${usual} is taken by another program: PostgreSQL listens on ${other} instead.`);
    writeFileSync(memory, String(other));
  }
  return ensureRunning(cluster, other);
}

/** A server that was killed closes its connections a moment before it is gone. */
async function hasGone(dataDirectory: string): Promise<boolean> {
  const deadline = Date.now() + 2_000;
  while (runningPostmaster(dataDirectory)) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}

function handle(
  cluster: Cluster,
  session: Session,
  port: number,
  startedHere: boolean,
  dismiss: () => void,
): Postgres {
  return {
    port,
    startedHere,
    url: (database) =>
      `postgres://${SUPERUSER}:${passwordOf(cluster)}@127.0.0.1:${port}/${database}`,
    createDatabase: (name) => session.createDatabase(name),
    claimRun: () => session.claimRun(),
    onLost: (listener) => session.onLost(listener),
    release: () => session.close(),
    kill: () => {
      session.onLost(() => undefined);
      const running = runningPostmaster(cluster.dataDirectory);
      // To PostgreSQL this is the order to shut down at once.
      if (running) process.kill(running.pid, 'SIGQUIT');
    },
    stop: async () => {
      session.onLost(() => undefined);
      // Without a session we know nothing of others: a server that runs all the same stays, unless
      // it is a throw-away.
      const last = await session
        .claimLast()
        .catch(() => cluster.throwAway || hasGone(cluster.dataDirectory));
      if (last) await halt(cluster);
      await session.close();
      if (cluster.throwAway) rmSync(cluster.dataDirectory, { recursive: true, force: true });
      dismiss();
      return last ? 'stopped' : 'left running';
    },
  };
}
