import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { TEMPLATE } from './template.js';

export interface TestDatabase {
  url: string;
  /** Also ends open connections to it. */
  drop(): Promise<void>;
}

/** Creates a database on the test run's server: migrated, or empty. */
export async function createTestDatabase(template: 'migrated' | 'empty'): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  if (!server) throw new Error('TEST_DATABASE_URL is not set: jest.config.js names the setup.');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const copied = template === 'migrated' ? `TEMPLATE ${TEMPLATE}` : '';
  await execute(server, `CREATE DATABASE ${name} ${copied}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function execute(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 10_000 });
  // WITH (FORCE) may end other clients, and a lost server shows in the query's own error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
