import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PgBoss } from 'pg-boss';
import type { EntityManager } from 'typeorm';
import { AuthHousekeeping } from '../../src/auth/auth-housekeeping.js';
import { JobQueue } from '../../src/queue/job-queue.js';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Rows of each kind per day. `MONTH_ROWS=2000` runs it at full size and prints a line per day. */
const AT_SIZE = process.env.MONTH_ROWS !== undefined;
const ROWS = Number(process.env.MONTH_ROWS ?? 100);
const STEP_DAYS = AT_SIZE ? 1 : 4;
const TOKEN_DAYS = 30;
const TABLES = [
  'pgboss.job',
  'rate_limits',
  'idempotency_keys',
  'sessions',
  'refresh_tokens',
] as const;

/** Simulates time by making every row older. */
describe('forty days of use', () => {
  let app: TestApp;
  let boss: PgBoss;
  let manager: EntityManager;
  let user: TestUser;
  beforeAll(async () => {
    app = await startTestApp({ inference: new FakeInference(), worker: false });
    user = await registered(app);
    boss = app.app.get(JobQueue)['boss'];
    // Making all rows older takes longer than the service's statement timeout.
    ({ manager } = app.dataSource.createQueryRunner());
    await manager.query('SET statement_timeout = 0');
  });
  afterAll(async () => {
    await manager.queryRunner?.release();
    await app.close();
  });

  const sql = <T>(statement: string, values: unknown[] = []) =>
    manager.query<T[]>(statement, values);

  async function use(rows: number): Promise<void> {
    await sql(
      `INSERT INTO idempotency_keys (user_id, key, fingerprint, claim, claimed_until, expires_at)
       SELECT $1, gen_random_uuid(), '', gen_random_uuid(), now(), now() + interval '24 h'
         FROM generate_series(1, $2::int)`,
      [user.id, rows],
    );
    // One for each address or user.
    await sql(
      `INSERT INTO rate_limits (key, points, expire)
       SELECT gen_random_uuid(), 1, extract(epoch FROM now()) * 1000 + 900000
         FROM generate_series(1, $1::int)`,
      [rows],
    );
    // A login each, and a refresh in half of the sessions.
    await sql(
      `WITH opened AS (
         INSERT INTO sessions (id, user_id) SELECT gen_random_uuid(), $1
           FROM generate_series(1, $2::int) RETURNING id)
       INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
       SELECT sha256(convert_to(id::text || n, 'UTF8')), id, now() + $3 * interval '1 day'
         FROM (SELECT id, row_number() OVER () FROM opened) o, generate_series(0, 1) n
        WHERE n = 0 OR row_number % 2 = 0`,
      [user.id, rows, TOKEN_DAYS],
    );
    await boss.insert(
      'transformations',
      Array.from({ length: rows }, () => ({ data: {} })),
    );
    await boss.insert(
      'transformations-dead',
      Array.from({ length: rows / 20 }, () => ({ data: {} })),
    );
    await sql(
      `UPDATE pgboss.job SET state = 'completed', started_on = now(), completed_on = now()
        WHERE state = 'created'`,
    );
  }

  async function pass(time: string): Promise<void> {
    await sql(`UPDATE idempotency_keys SET expires_at = expires_at - $1::interval`, [time]);
    await sql(`UPDATE rate_limits SET expire = expire - extract(epoch FROM $1::interval) * 1000`, [
      time,
    ]);
    await sql(`UPDATE refresh_tokens SET expires_at = expires_at - $1::interval`, [time]);
    await sql(
      `UPDATE pgboss.job SET created_on = created_on - $1::interval, completed_on = completed_on - $1::interval`,
      [time],
    );
    await sql(`UPDATE pgboss.queue SET maintain_on = maintain_on - $1::interval`, [time]);
  }

  async function clean(): Promise<void> {
    await app.app.get(Housekeeping).run();
    await app.app.get(AuthHousekeeping).run();
    await boss.supervise();
  }

  async function sizes() {
    const counts: Record<string, number> = {};
    for (const table of TABLES) {
      const [row] = await sql<{ count: number }>(`SELECT count(*)::int FROM ${table}`);
      counts[table] = row?.count ?? NaN;
    }
    return counts;
  }

  it('leave only live rows in the tables', async () => {
    let left = await sizes();
    const before = left;
    for (let day = STEP_DAYS; day <= 40; day += STEP_DAYS) {
      await use(ROWS);
      await pass(`${STEP_DAYS} days`);
      const start = performance.now();
      await clean();
      left = await sizes();
      expect(left).toMatchObject({ 'pgboss.job': 0, rate_limits: 0, idempotency_keys: 0 });
      if (AT_SIZE)
        process.stderr.write(
          `day ${day}: ${Math.round(performance.now() - start)} ms, ${JSON.stringify(left)}\n`,
        );
    }
    const living = Math.ceil(TOKEN_DAYS / STEP_DAYS) - 1;
    expect(before.sessions).toBe(1);
    expect(left).toMatchObject({ sessions: living * ROWS, refresh_tokens: living * ROWS * 1.5 });
  }, 1_200_000);

  it('keep a finished job for ten minutes, but not for a day', async () => {
    await use(10);
    await clean();
    expect((await sizes())['pgboss.job']).toBe(10);
    await pass('11 minutes');
    await clean();
    expect((await sizes())['pgboss.job']).toBe(0);
  });
});
