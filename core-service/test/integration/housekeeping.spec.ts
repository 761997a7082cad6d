import { afterAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { AuthHousekeeping } from '../../src/auth/auth-housekeeping.js';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { StubbornStorage } from '../support/stubborn-storage.js';
import { until } from '../support/until.js';

describe('housekeeping', () => {
  const storage = new StubbornStorage();
  const app = useTestApp({ inference: new FakeInference(), storage });
  afterAll(() => storage.remove());

  const run = () => app.app.get(Housekeeping).run();

  it('continues when one image cannot be deleted, and retries it later', async () => {
    const user = await registered(app);
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await user.submit(await picture()).expect(201)).body.id);
    const [first, second] = ids;
    await app.dataSource.query(
      `UPDATE transformations SET images_expire_at = now() - CASE id WHEN $1 THEN 3 WHEN $2 THEN 2
                                                              ELSE 1 END * interval '1 s'`,
      [first, second],
    );
    const statuses = () =>
      Promise.all(
        ids.map(async (id) => {
          const { status } = await user.get(`/v1/transformations/${id}/result`);
          return status;
        }),
      );
    storage.refuses = (what, key) => what === 'delete' && key.includes(String(first));
    await run();
    expect(await statuses()).toEqual([200, 410, 410]);

    storage.refuses = () => false;
    await run();
    expect(await statuses()).toEqual([410, 410, 410]);
  });

  const runAuth = () => app.app.get(AuthHousekeeping).run();

  it('deletes sessions whose last token has expired, and no others', async () => {
    const [past, current] = [await registered(app), await registered(app)];
    await app.dataSource.query(
      `UPDATE refresh_tokens SET expires_at = now()
        WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
      [past.id],
    );
    await runAuth();
    const sessions = await app.dataSource.query<{ user_id: string }[]>(
      `SELECT user_id FROM sessions WHERE user_id IN ($1, $2)`,
      [past.id, current.id],
    );
    expect(sessions).toEqual([{ user_id: current.id }]);
    await request(app.url)
      .post('/v1/auth/refresh')
      .send({ refreshToken: current.refreshToken })
      .expect(200);
  });

  it('deletes the expired tokens of an active session', async () => {
    const user = await registered(app);
    const refresh = (refreshToken: string) =>
      request(app.url).post('/v1/auth/refresh').send({ refreshToken });
    const { body } = await refresh(user.refreshToken).expect(200);
    await app.dataSource.query(
      `UPDATE refresh_tokens SET expires_at = now() WHERE used_at IS NOT NULL
          AND session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
      [user.id],
    );
    await runAuth();
    const tokens = await app.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
        WHERE s.user_id = $1`,
      [user.id],
    );
    expect(tokens).toEqual([{ count: 1 }]);
    await refresh(body.refreshToken).expect(200);
  });

  it('waits for a concurrent refresh and keeps its session', async () => {
    const user = await registered(app);
    const runner = app.dataSource.createQueryRunner();
    await runner.connect();
    await runner.startTransaction();
    const [session] = (await runner.query(`SELECT id FROM sessions WHERE user_id = $1 FOR UPDATE`, [
      user.id,
    ])) as { id: string }[];
    await app.dataSource.query(
      `UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1`,
      [session?.id],
    );
    const running = runAuth();
    await until(
      () =>
        app.dataSource.query<unknown[]>(
          `SELECT FROM pg_stat_activity WHERE datname = current_database()
              AND wait_event_type = 'Lock' AND query LIKE '%FROM sessions%FOR UPDATE'`,
        ),
      (waiting) => waiting.length > 0,
    );
    await runner.query(
      `INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
       VALUES (sha256($1::bytea), $2, now() + interval '1 day')`,
      [Buffer.from(user.id), session?.id],
    );
    await runner.commitTransaction();
    await runner.release();
    await running;
    expect(
      await app.dataSource.query(`SELECT id FROM sessions WHERE user_id = $1`, [user.id]),
    ).toHaveLength(1);
  });

  it('deletes a backlog of several batches in one run', async () => {
    const user = await registered(app);
    await app.dataSource.query(
      `INSERT INTO idempotency_keys (user_id, key, fingerprint, claim, claimed_until, expires_at)
       SELECT $1, 'old-' || n, '', gen_random_uuid(), now(), now() - n * interval '1 s'
         FROM generate_series(1, 2500) n`,
      [user.id],
    );
    await app.dataSource.query(
      `INSERT INTO rate_limits (key, points, expire)
       SELECT 'old-' || n, 1, extract(epoch FROM now()) * 1000 - n FROM generate_series(1, 2500) n
       UNION ALL SELECT 'new', 1, extract(epoch FROM now()) * 1000 + 60000`,
    );
    await app.dataSource.query(
      `INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
       SELECT sha256(n::text::bytea), s.id, now() - n * interval '1 s'
         FROM sessions s, generate_series(1, 2500) n WHERE s.user_id = $1`,
      [user.id],
    );
    await run();
    await runAuth();
    const [left] = await app.dataSource.query<Record<string, number>[]>(
      `SELECT (SELECT count(*)::int FROM idempotency_keys) AS keys,
              (SELECT count(*)::int FROM rate_limits WHERE key LIKE 'old-%') AS counters,
              (SELECT count(*)::int FROM rate_limits WHERE key = 'new') AS current,
              (SELECT count(*)::int FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
                WHERE s.user_id = $1) AS tokens`,
      [user.id],
    );
    expect(left).toEqual({ keys: 0, counters: 0, current: 1, tokens: 1 });
  });
});
