import type { Config } from '../config/config.js';
import { migrateQueue } from '../queue/job-queue.js';
import { createDataSource } from './data-source.js';

/** Two that migrate at once: the second waits here. */
const LOCK = 7_318_204_511;

/**
 * Brings the schema, ours and the queue's, up to date. Returns the names of the migrations applied.
 */
export async function migrateDatabase(config: Config): Promise<string[]> {
  const dataSource = await createDataSource(config).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query(`SET statement_timeout = 0`);
    await lock.query(`SELECT pg_advisory_lock($1)`, [LOCK]);
    const applied = await dataSource.runMigrations();
    await migrateQueue(config);
    return applied.map(({ name }) => name);
  } finally {
    await lock.release();
    await dataSource.destroy();
  }
}
