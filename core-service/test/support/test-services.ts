import pg from 'pg';
import { loadConfig } from '@stylizer/common';
import { configSchema } from '../../src/config/config.js';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { TEMPLATE } from './template.js';
import { type ServiceProcess, startService } from './service-process.js';

let inference: ServiceProcess | undefined;

/** All test files of a run share a migrated database to copy and the real inference service. */
export async function startServices(): Promise<void> {
  const [service] = await Promise.all([
    // One worker, so that nothing has to be measured first.
    startService('inference-service/src/main.ts', { INFERENCE_WORKERS: '1' }),
    createTemplate(),
  ]);
  inference = service;
  process.env.TEST_INFERENCE_URL = service.url;
}

export async function stopServices(): Promise<void> {
  await inference?.stop();
}

async function createTemplate(): Promise<void> {
  const server = process.env.TEST_DATABASE_URL ?? '';
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${TEMPLATE} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
  } finally {
    await client.end();
  }
  const url = new URL(server);
  url.pathname = `/${TEMPLATE}`;
  await migrateDatabase(
    loadConfig(configSchema, {
      DATABASE_URL: url.href,
      JWT_SECRET: 'not-used-by-migrations-but-wanted-by-the-schema',
    }),
  );
}
