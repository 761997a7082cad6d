import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '@stylizer/common';
import pg from 'pg';
import { configSchema } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { undoLastMigration } from '../../src/database/undo-migration.js';
import { TEST_SECRET } from '../support/test-app.js';

/** The last migration before the ledger whose cost does not grow. */
const BEFORE = 'ModelsOfCodes1763900000000';
const PROBE_PAUSE_MS = 20;

export interface ThereAndBack {
  downMs: number;
  upMs: number;
  /** The longest time a writer waited for a lock. */
  longestWaitMs: number;
  /** Sums by kind of account, before and after. */
  before: Record<string, string>;
  after: Record<string, string>;
}

/** Migrates a filled database down to the previous schema and up again, while a writer uses it. */
export async function thereAndBack(url: string): Promise<ThereAndBack> {
  const config = loadConfig(configSchema, { DATABASE_URL: url, JWT_SECRET: TEST_SECRET });
  const before = await balances(url);
  const stop = new AbortController();
  const probing = longestWait(url, stop.signal);
  const begun = performance.now();
  const dataSource = await createDataSource(config, { statementTimeoutMs: 0 }).initialize();
  try {
    while ((await newest(dataSource)) !== BEFORE) await undoLastMigration(dataSource);
  } finally {
    await dataSource.destroy();
  }
  const down = performance.now();
  await migrateDatabase(config);
  const up = performance.now();
  stop.abort();
  return {
    downMs: down - begun,
    upMs: up - down,
    longestWaitMs: await probing,
    before,
    after: await balances(url),
  };
}

async function newest(dataSource: { query(sql: string): Promise<{ name: string }[]> }) {
  const [row] = await dataSource.query(`SELECT name FROM migrations ORDER BY id DESC LIMIT 1`);
  return row?.name;
}

/** Repeatedly locks rows of each large table, as the service does. */
async function longestWait(url: string, signal: AbortSignal): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let longest = 0;
  try {
    while (!signal.aborted) {
      const begun = performance.now();
      await client.query(`
        BEGIN;
        UPDATE transformations SET tiles_done = tiles_done WHERE id = (SELECT id FROM transformations LIMIT 1);
        SELECT FROM holds LIMIT 1 FOR UPDATE;
        SELECT FROM accounts WHERE user_id IS NOT NULL LIMIT 1 FOR UPDATE;
        SELECT FROM transfers LIMIT 1 FOR UPDATE;
        COMMIT`);
      longest = Math.max(longest, performance.now() - begun);
      await delay(PROBE_PAUSE_MS);
    }
    return longest;
  } finally {
    await client.end();
  }
}

async function balances(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ kind: string; sum: string }>(
      `SELECT kind, sum(balance)::text AS sum
         FROM (SELECT kind, balance FROM accounts UNION ALL SELECT kind, balance FROM system_balances) b
        GROUP BY kind`,
    );
    return Object.fromEntries(rows.map(({ kind, sum }) => [kind, sum]));
  } finally {
    await client.end();
  }
}
