import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Postgres, startPostgres } from '../postgres.js';
import { ROOT } from '../run/settings.js';
import { renderManifests } from './helm.js';
import { VARIANTS } from './variants.js';

const variant = (name: string) => VARIANTS.find(([each]) => each === name)?.[1];
const queryOf = (manifests: ReturnType<typeof renderManifests>): string =>
  manifests.find(({ kind }) => kind === 'ScaledObject')?.spec.triggers[0].metadata.query;

const waking = queryOf(renderManifests(variant('GPU scaled to zero')));
const plain = queryOf(renderManifests({ valueFiles: ['values-prod.yaml'] }));

let postgres: Postgres;
let client: pg.Client;
const ask = async (query: string): Promise<number> => {
  const { rows } = await client.query({ text: query, rowMode: 'array' });
  return Number(rows[0]?.[0]);
};

beforeAll(async () => {
  postgres = await startPostgres({
    dataDirectory: join(tmpdir(), `chart ${randomUUID()}`),
    durable: false,
  });
  await postgres.createDatabase('queue');
  const url = postgres.url('queue');
  const done = spawnSync(
    process.execPath,
    ['--import', '@swc-node/register/esm-register', 'src/migrate.ts'],
    {
      cwd: join(ROOT, 'core-service'),
      env: { ...process.env, DATABASE_URL: url, JWT_SECRET: randomUUID() },
      encoding: 'utf8',
    },
  );
  if (done.status !== 0) throw new Error(done.stderr);
  client = new pg.Client({ connectionString: url });
  await client.connect();
  // The ledger's triggers do not matter here.
  await client.query('SET session_replication_role = replica');
}, 60_000);
afterAll(async () => {
  await client.end();
  await postgres.stop();
});

const transformation = (status: string) =>
  client.query(
    `INSERT INTO transformations (id, user_id, status, styles, options, price, width, height,
       original_key, images_expire_at, completed_at, result_key, result_digest, error_code)
     VALUES ($1, $1, $2, '[]', '{}', 1, 1, 1, 'key', now(),
       CASE WHEN $3 THEN NULL ELSE now() END,
       CASE WHEN $2 = 'completed' THEN 'key' END, CASE WHEN $2 = 'completed' THEN 'digest' END,
       CASE WHEN $2 = 'failed' THEN 'CODE' END)`,
    [randomUUID(), status, ['pending', 'processing'].includes(status)],
  );

it('finds no work in an empty database', async () => {
  expect(await ask(plain)).toBe(0);
  expect(await ask(waking)).toBe(0);
});

it('counts pending and processing transformations, and no ended ones', async () => {
  for (const status of ['pending', 'pending', 'processing', 'completed', 'failed', 'cancelled'])
    await transformation(status);
  expect(await ask(plain)).toBe(3);
  await client.query('DELETE FROM transformations');
});

it('counts pending styles', async () => {
  await client.query(
    `INSERT INTO styles (id, user_id, name, price, pending_until) VALUES ($1, $1, 'a', 5, now())`,
    [randomUUID()],
  );
  expect(await ask(plain)).toBe(1);
  await client.query('DELETE FROM styles');
});

it('wakes the service once for any number of new core processes', async () => {
  const listening = [1, 2, 3].map(
    () =>
      new pg.Client({
        connectionString: postgres.url('queue'),
        application_name: 'stylizer-listen',
      }),
  );
  for (const each of listening) await each.connect();
  expect(await ask(waking)).toBe(1);
  expect(await ask(plain)).toBe(0);
  for (const each of listening) await each.end();
});

it('needs only read access to two tables and the activity view', async () => {
  await client.query(`CREATE ROLE scaler; GRANT pg_read_all_stats TO scaler;
    GRANT SELECT ON transformations, styles TO scaler`);
  const listening = new pg.Client({
    connectionString: postgres.url('queue'),
    application_name: 'stylizer-listen',
  });
  await listening.connect();
  await client.query('SET ROLE scaler');
  try {
    expect(await ask(waking)).toBe(1);
    await expect(ask('SELECT count(*) FROM users')).rejects.toThrow('permission denied');
  } finally {
    await client.query('RESET ROLE');
    await listening.end();
  }
});

it('reads only open transformations, however many have ended', async () => {
  await client.query('SET enable_seqscan = off');
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${plain}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/transformations_open_\w+_idx/);
  expect(plan).toContain('styles_pending_idx');
});
