// On a real PostgreSQL with our own migrations; run by `make backup-check`, since it needs pg_dump.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Postgres, startPostgres } from '../postgres.js';
import { spawnEntry } from '../run/service.js';
import { withDatabase } from './connection.js';
import { contentsOf } from './contents.js';
import { DUMP, makeBackup, MANIFEST, type Manifest } from './make-backup.js';
import { restoreBackup } from './restore-backup.js';

const TEMPLATE = 'migrated';
/** The user who exists when the backup is taken. */
const EARLY = ['ada@example.com', 'bob@example.com', 'first@example.com'];
let folder: string;
let postgres: Postgres;
let databaseUrl: string;
let pictures: string;
let backup: string;

async function query(url: string, statement: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

const admin = (statement: string) => query(postgres.url('postgres'), statement);

async function contents(url = databaseUrl) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await contentsOf(client);
  } finally {
    await client.end();
  }
}

/** Adds a user with tokens, granted by a transfer as in the service. */
async function addUser(email: string, tokens: number): Promise<void> {
  const id = randomUUID();
  await query(databaseUrl, `INSERT INTO users (id, email, password_hash) VALUES ($1, $2, 'x')`, [
    id,
    email,
  ]);
  await query(
    databaseUrl,
    `INSERT INTO accounts (kind, user_id) VALUES ('available', $1), ('held', $1)`,
    [id],
  );
  await query(
    databaseUrl,
    `INSERT INTO transfers (id, kind, from_account_id, to_account_id, amount, user_id, description)
     SELECT gen_random_uuid(), 'signup_grant', f.id, t.id, $2, $1, 'Welcome'
       FROM accounts f, accounts t
      WHERE f.kind = 'treasury' AND t.kind = 'available' AND t.user_id = $1`,
    [id, tokens],
  );
}

const emails = async () =>
  (await query(databaseUrl, 'SELECT email FROM users ORDER BY email')).map(({ email }) => email);

/** Runs one of core's entry points to its end. */
async function core(entry: string, ...args: string[]): Promise<void> {
  const said: string[] = [];
  const secret = randomUUID() + randomUUID();
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    JWT_SECRET: secret,
    STORAGE_DIR: folder,
  };
  const options = { folder: 'core-service', entry: `src/${entry}.ts`, args, env };
  const child = spawnEntry({ ...options, say: (line) => said.push(line) });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(said.join('\n'));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stylizer-backup-'));
  postgres = await startPostgres({ dataDirectory: join(folder, 'postgres'), durable: false });
  await postgres.createDatabase(TEMPLATE);
  databaseUrl = postgres.url(TEMPLATE);
  await core('migrate');
  // Migrated by the service itself, whose queue creates its own tables and partitions.
  await addUser('first@example.com', 10);
  await core('grant', '--email=first@example.com', '--tokens=5', '--reason=test');
}, 120_000);
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  const name = `shop_${randomUUID().slice(0, 8)}`;
  await admin(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  databaseUrl = postgres.url(name);
  pictures = join(folder, name, 'pictures');
  backup = join(folder, name, 'backup');
  mkdirSync(join(pictures, 'results/_3fa'), { recursive: true });
  writeFileSync(join(pictures, 'results/_3fa/one.jpg'), 'a picture');
  await addUser('ada@example.com', 100);
  await addUser('bob@example.com', 250);
});
afterEach(async () => {
  const left = await admin(`SELECT datname FROM pg_database WHERE datname LIKE 'shop%'`);
  for (const { datname } of left) await admin(`DROP DATABASE ${String(datname)} WITH (FORCE)`);
});

const source = () => ({ databaseUrl, pictures });

test('a lost database and its images are restored', async () => {
  const before = await contents();
  expect(before.balances).toEqual({ available: '365', held: '0', revenue: '0', treasury: '-365' });
  expect(Object.keys(before.rows).filter((table) => /^pgboss\..*_\d{8}$/.test(table))).not.toEqual(
    [],
  );
  await makeBackup(source(), backup);
  await admin(`DROP DATABASE ${new URL(databaseUrl).pathname.slice(1)}`);
  rmSync(pictures, { recursive: true });

  const { kept } = await restoreBackup(backup, source(), { replace: false });
  expect(kept).toEqual([]);
  expect(await contents()).toEqual(before);
  expect(await emails()).toEqual(EARLY);
  expect(readFileSync(join(pictures, 'results/_3fa/one.jpg'), 'utf8')).toBe('a picture');
});

test("the ledger's rules hold in the restored database", async () => {
  await makeBackup(source(), backup);
  await restoreBackup(backup, source(), { replace: true });
  await addUser('cleo@example.com', 50);
  expect((await contents()).balances).toMatchObject({ available: '415', treasury: '-415' });
  await expect(query(databaseUrl, 'DELETE FROM transfers')).rejects.toThrow('append-only');
  await expect(query(databaseUrl, 'UPDATE accounts SET balance = 1')).rejects.toThrow();
});

test('data newer than the backup is kept under another name', async () => {
  await makeBackup(source(), backup);
  await addUser('later@example.com', 10);
  writeFileSync(join(pictures, 'results/two.jpg'), 'later');
  await expect(restoreBackup(backup, source(), { replace: false })).rejects.toThrow('REPLACE=1');
  expect(await emails()).toContain('later@example.com');

  const { kept } = await restoreBackup(backup, source(), { replace: true });
  expect(await emails()).toEqual(EARLY);
  expect(existsSync(join(pictures, 'results/two.jpg'))).toBe(false);
  const [database = '', oldPictures = ''] = kept;
  const aside = withDatabase(databaseUrl, database.replace('database ', ''));
  expect((await contents(aside)).rows['public.users']).toBe('4');
  expect(readFileSync(join(oldPictures, 'results/two.jpg'), 'utf8')).toBe('later');
});

test('an empty database is replaced', async () => {
  const before = await contents();
  await makeBackup(source(), backup);
  await admin('CREATE DATABASE shop_empty');
  const target = { databaseUrl: postgres.url('shop_empty'), pictures: undefined };
  await restoreBackup(backup, target, { replace: false });
  expect(await contents(target.databaseUrl)).toEqual(before);
});

test('a database in use is not replaced', async () => {
  await makeBackup(source(), backup);
  const application = new pg.Client({ connectionString: databaseUrl, application_name: 'core' });
  await application.connect();
  await expect(restoreBackup(backup, source(), { replace: true })).rejects.toThrow('in use (core)');
  await application.end();
});

test('a backup whose counts do not match changes nothing', async () => {
  await makeBackup(source(), backup);
  const file = join(backup, MANIFEST);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  manifest.contents.balances.available = '999';
  writeFileSync(file, JSON.stringify(manifest));
  await addUser('later@example.com', 10);
  await expect(restoreBackup(backup, source(), { replace: true })).rejects.toThrow(
    'balance of available: 999, now 365',
  );
  expect(await emails()).toContain('later@example.com');
  expect(await admin(`SELECT FROM pg_database WHERE datname LIKE '%restored%'`)).toEqual([]);
});

test('a damaged dump changes nothing', async () => {
  await makeBackup(source(), backup);
  const bytes = readFileSync(join(backup, DUMP));
  writeFileSync(join(backup, DUMP), bytes.subarray(0, bytes.length / 2));
  await expect(restoreBackup(backup, source(), { replace: true })).rejects.toThrow(
    'pg_restore failed',
  );
  expect(await emails()).toEqual(EARLY);
});
