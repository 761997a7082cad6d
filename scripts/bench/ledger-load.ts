import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../run/settings.js';
import { median } from './statistics.js';

const PGBENCH = join(ROOT, '.data/tools/postgresql/bin/pgbench');
const SECONDS = Number(process.env.BENCH_SECONDS ?? 6);
const ROUNDS = 3;

export interface Load {
  url: string;
  /** Script file; default: pgbench's TPC-B-like transaction. */
  script?: string;
  /** Number of users to choose from, numbered from 1. */
  users?: number;
}

/** Enough branches that clients do not wait for each other. */
export function fillTpcB(url: string): void {
  pgbench(['--initialize', '--quiet', '--scale', '50', url]);
}

/**
 * Scripts per second of several loads, which take turns.
 *
 * @returns a figure for each load: the median of the rounds
 */
export function scriptsPerSecond(loads: Load[], connections: number): number[] {
  const rates = loads.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++)
    loads.forEach((load, i) => rates[i]?.push(rateOf(load, connections)));
  return rates.map(median);
}

function rateOf({ url, script, users }: Load, connections: number): number {
  const output = pgbench([
    ...['--no-vacuum', '--protocol', 'extended', '--client', String(connections)],
    ...['--jobs', '2', '--time', String(SECONDS)],
    ...(script ? ['--file', script, '--define', `users=${users}`] : []),
    url,
  ]);
  const rate = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
  if (!Number.isFinite(rate)) throw new Error(`pgbench printed no rate:\n${output}`);
  return rate;
}

function pgbench(args: string[]): string {
  const { status, stdout, stderr } = spawnSync(PGBENCH, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`pgbench failed:\n${stderr}`);
  return stdout;
}
