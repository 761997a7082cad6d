import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './database.js';

const made: TestDatabase[] = [];
const make = async () => {
  const database = await createTestDatabase('empty');
  made.push(database);
  return database;
};
const ask = async (url: string, statement: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
};

afterEach(() => Promise.all(made.splice(0).map((database) => database.drop())));

test('two test databases share nothing', async () => {
  const [one, other] = await Promise.all([make(), make()]);
  await ask(one.url, 'CREATE TABLE only_here (id int)');
  const rows = await ask(other.url, `SELECT to_regclass('only_here') AS found`);
  expect(rows).toEqual([{ found: null }]);
});

test('a test database is dropped even while clients are connected', async () => {
  const { url, drop } = await make();
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  await client.connect();
  await drop();
  await ended;
  await expect(ask(url, 'SELECT 1')).rejects.toThrow('does not exist');
});
