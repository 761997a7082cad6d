import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Config } from '../config/config.js';
import { migrateQueue } from '../queue/job-queue.js';
import { createDataSource } from './data-source.js';
import { sqlState } from './transaction.js';

const LOCK = 7_318_204_511;
const POLL_MS = 200;

/** SQLSTATE of a lock that was not granted within `lock_timeout`. */
const LOCK_NOT_AVAILABLE = '55P03';
const LOCK_ATTEMPTS = 20;
const LOCK_PAUSE_MS = 1_000;

/**
 * Brings the schema, ours and the queue's, up to date. Two that migrate at once take turns. Returns the
 * names of the migrations applied.
 */
export async function migrateDatabase(config: Config): Promise<string[]> {
  // An index on a large table takes minutes.
  const dataSource = await createDataSource(config, { statementTimeoutMs: 0 }).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await takeTurn(lock);
    const applied = await runMigrations(dataSource);
    await migrateQueue(config);
    return applied;
  } finally {
    await lock.release();
    await dataSource.destroy();
  }
}

/** Polls, because a session that waits inside a statement would block CREATE INDEX CONCURRENTLY. */
async function takeTurn(lock: QueryRunner): Promise<void> {
  for (;;) {
    const [row] = await lock.query(`SELECT pg_try_advisory_lock($1) AS taken`, [LOCK]);
    if (row?.taken) return;
    await delay(POLL_MS);
  }
}

/** Gives up on a busy table's lock after a second and retries, so that nobody queues behind it for long. */
async function runMigrations(dataSource: DataSource): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await dataSource.runMigrations()).map(({ name }) => name);
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE || attempt === LOCK_ATTEMPTS) throw error;
      await delay(LOCK_PAUSE_MS);
    }
  }
}
