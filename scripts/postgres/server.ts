import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { program } from './binaries.js';
import { runCommand } from './command.js';
import { disarmStaleLockFile, runningPostmaster } from './lock-file.js';
import { handOver, type Placement } from './placement.js';

export const SUPERUSER = 'stylizer';

/** The port that the server was to listen on belongs to another program. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

export interface Cluster extends Placement {
  /** Without it nothing is synced to disk: a power cut loses the data, a crash of ours does not. */
  durable: boolean;
  throwAway: boolean;
}

export const passwordOf = ({ dataDirectory }: Cluster): string =>
  readFileSync(join(dataDirectory, 'stylizer-password'), 'utf8');

/**
 * Creates the data directory with a new password, unless it exists. Built under another name and renamed
 * in one step, so that a kill or a race never leaves a partial cluster.
 */
export async function initialize(cluster: Cluster): Promise<void> {
  const { dataDirectory, account, binaries } = cluster;
  if (existsSync(join(dataDirectory, 'PG_VERSION'))) return;
  const draft = `${dataDirectory}.new-${randomUUID()}`;
  const passwordFile = `${draft}-password`;
  try {
    writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    mkdirSync(draft, { mode: 0o700 });
    handOver(draft, account);
    handOver(passwordFile, account);
    const { status, output } = await runCommand(
      program(binaries, 'initdb'),
      [
        ...['-D', draft, '-U', SUPERUSER, '--pwfile', passwordFile, '-A', 'scram-sha-256'],
        // One behaviour on every machine, whatever its locale and time zone.
        ...['--encoding', 'UTF8', '--no-locale', '--locale-provider', 'builtin'],
        ...['--builtin-locale', 'C.UTF-8', '--set', 'timezone=UTC', '--set', 'log_timezone=UTC'],
        ...(cluster.durable ? [] : ['--no-sync']),
      ],
      { account, timeoutMs: 120_000 },
    );
    if (status !== 0) throw new Error(`PostgreSQL could not create its data directory:\n${output}`);
    renameSync(passwordFile, join(draft, 'stylizer-password'));
    renameSync(draft, dataDirectory);
  } catch (error) {
    if (!existsSync(join(dataDirectory, 'PG_VERSION'))) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
  }
}

/**
 * Starts the server, or finds it running.
 *
 * @returns whether this call started it.
 * @throws PortTakenError
 */
export async function ensureRunning(cluster: Cluster, port: number): Promise<boolean> {
  const { dataDirectory, account, binaries } = cluster;
  const log = join(dataDirectory, 'server.log');
  const options = [
    `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200`,
    ...(cluster.durable ? [] : ['-c fsync=off -c synchronous_commit=off -c full_page_writes=off']),
  ].join(' ');
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (runningPostmaster(dataDirectory)) return false;
    disarmStaleLockFile(dataDirectory);
    if (existsSync(log)) renameSync(log, `${log}.1`);
    const { status, output } = await runCommand(
      program(binaries, 'pg_ctl'),
      ['-D', dataDirectory, '-l', log, '-w', '-t', '60', '-o', options, 'start'],
      { account, timeoutMs: 90_000 },
    );
    if (status === 0) return true;
    // Another process may have been quicker.
    if (runningPostmaster(dataDirectory)) return false;
    const said = output + (existsSync(log) ? readFileSync(log, 'utf8') : '');
    if (/could not bind|could not create any TCP/.test(said)) {
      throw new PortTakenError(`Port ${port} is taken.`);
    }
    // The children of a server killed a moment ago are still leaving, or another process starts it too.
    const passing = /pre-existing shared memory|"postmaster.pid" (already exists|is empty)/.test(
      said,
    );
    if (!passing || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start:\n${said.split('\n').slice(-15).join('\n')}`);
    }
    await delay(200);
  }
}

/** Stops the server: politely, then at once, then for sure. Does nothing where none runs. */
export async function halt(cluster: Cluster): Promise<void> {
  const { dataDirectory, account, binaries } = cluster;
  for (const mode of cluster.throwAway ? ['immediate'] : ['fast', 'immediate']) {
    if (!runningPostmaster(dataDirectory)) return;
    await runCommand(
      program(binaries, 'pg_ctl'),
      ['-D', dataDirectory, '-m', mode, '-w', '-t', '20', 'stop'],
      { account, timeoutMs: 25_000 },
    );
  }
  const survivor = runningPostmaster(dataDirectory);
  if (survivor) process.kill(survivor.pid, 'SIGKILL');
}
