import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../../../scripts/postgres.js';

let postgres: Postgres | undefined;

/**
 * One PostgreSQL for a whole jest run, unless TEST_DATABASE_URL names one already. Test files find
 * it by that variable. It is removed when the run ends or is killed.
 */
export async function startCluster(): Promise<void> {
  if (process.env.TEST_DATABASE_URL) return;
  postgres = await startPostgres({
    dataDirectory: join(tmpdir(), `stylizer-test-${randomUUID()}`),
    durable: false,
  });
  process.env.TEST_DATABASE_URL = postgres.url('postgres');
}

export async function stopCluster(): Promise<void> {
  if (!postgres) return;
  await postgres.stop();
  postgres = undefined;
  delete process.env.TEST_DATABASE_URL;
}
