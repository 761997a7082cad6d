import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

describe('sessions', () => {
  const app = useTestApp({
    inference: new FakeInference(),
    worker: false,
    env: { RATE_LIMIT_LOGIN_FAILURES: '1000' },
  });

  const post = (path: string, body: object, agent = FIREFOX) =>
    request(app.url).post(`/v1/auth/${path}`).set('user-agent', agent).send(body);
  const login = async ({ email, password }: TestUser, agent = FIREFOX) =>
    (await post('login', { email, password }, agent).expect(200)).body;
  const list = async (user: { accessToken: string }, query = '') =>
    (await client(app, user).get(`/v1/sessions${query}`).expect(200)).body;

  it('are listed newest first, with device and times, and mark the one that asks', async () => {
    const user = await registered(app);
    await login(user, 'curl/8.14.1');
    const last = await login(user);
    const { items, nextCursor } = await list(last);
    expect(nextCursor).toBeNull();
    expect(items.map(({ device, current }: Session) => [device, current])).toEqual([
      ['Firefox on Linux', true],
      ['curl', false],
      [expect.any(String), false],
    ]);
    for (const item of items)
      expect(item).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        current: expect.any(Boolean),
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        lastSeenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        device: expect.any(String),
        address: null,
      });
  });

  it('are listed page by page', async () => {
    const user = await registered(app);
    for (let i = 0; i < 4; i++) await login(user);
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(user, `?limit=2${cursor && `&cursor=${cursor}`}`);
      ids.push(...page.items.map(({ id }: Session) => id));
      cursor = page.nextCursor;
    }
    expect(new Set(ids).size).toBe(5);
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  it('show when and from where they were last refreshed', async () => {
    const user = await registered(app);
    await app.dataSource.query(
      `UPDATE sessions SET last_seen_at = now() - interval '1 day' WHERE user_id = $1`,
      [user.id],
    );
    await post('refresh', { refreshToken: user.refreshToken }, 'curl/8.14.1').expect(200);
    const [session] = (await list(user)).items;
    expect(session.device).toBe('curl');
    expect(Date.now() - Date.parse(session.lastSeenAt)).toBeLessThan(60_000);
  });

  it('that have ended or expired are not listed', async () => {
    const user = await registered(app);
    const [closed, expired] = [await login(user), await login(user)];
    await post('logout', { refreshToken: closed.refreshToken }).expect(204);
    const [newest] = (await list(expired)).items;
    await app.dataSource.query(
      `UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1`,
      [newest.id],
    );
    expect((await list(user)).items).toHaveLength(1);
  });

  it('end when their owner ends them, with both tokens, once', async () => {
    const user = await registered(app);
    const other = await login(user);
    const [{ id }] = (await list(other)).items;
    await user.delete(`/v1/sessions/${id}`).expect(204);
    expectProblem(await client(app, other).get('/v1/me'), 401, 'UNAUTHENTICATED');
    const { refreshToken } = other;
    expectProblem(await post('refresh', { refreshToken }), 401, 'INVALID_REFRESH_TOKEN');
    await user.get('/v1/me').expect(200);
    expectProblem(await user.delete(`/v1/sessions/${id}`), 404, 'NOT_FOUND');
  });

  it('end with their access tokens when they log out, or a refresh token is used twice', async () => {
    const [one, other] = [await registered(app), await registered(app)];
    await one.get('/v1/me').expect(200);
    await post('logout', { refreshToken: one.refreshToken }).expect(204);
    expectProblem(await one.get('/v1/me'), 401, 'UNAUTHENTICATED');

    await post('refresh', { refreshToken: other.refreshToken }).expect(200);
    await other.get('/v1/me').expect(200);
    expectProblem(
      await post('refresh', { refreshToken: other.refreshToken }),
      401,
      'REFRESH_TOKEN_REUSED',
    );
    expectProblem(await other.get('/v1/me'), 401, 'UNAUTHENTICATED');
  });

  it("of others are not found, as ids that don't exist", async () => {
    const [user, other] = [await registered(app), await registered(app)];
    const [{ id }] = (await list(other)).items;
    for (const unknown of [id, randomUUID()])
      expectProblem(await user.delete(`/v1/sessions/${unknown}`), 404, 'NOT_FOUND');
    expectProblem(await user.delete('/v1/sessions/x'), 400, 'VALIDATION_FAILED');
    await other.get('/v1/me').expect(200);
  });

  it('number 100 at most: one more login ends the oldest', async () => {
    const user = await registered(app);
    await app.dataSource.query(
      `WITH made AS (INSERT INTO sessions (id, user_id)
         SELECT gen_random_uuid(), $1 FROM generate_series(1, 99) RETURNING id)
       INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
       SELECT sha256(id::text::bytea), id, now() + interval '1 day' FROM made`,
      [user.id],
    );
    await login(user);
    const [{ count }] = await app.dataSource.query(
      `SELECT count(*)::int AS count FROM sessions WHERE user_id = $1 AND revoked_at IS NULL`,
      [user.id],
    );
    expect(count).toBe(100);
  });
});

interface Session {
  id: string;
  device: string;
  current: boolean;
}

describe('sessions, over two replicas on one database', () => {
  let replicas: [TestApp, TestApp];
  beforeAll(async () => {
    const env = { SESSION_ADDRESSES: 'true', TRUSTED_PROXIES: '1' };
    const options = { inference: new FakeInference(), worker: false, env };
    const first = await startTestApp(options);
    replicas = [first, await startTestApp({ ...options, databaseUrl: first.databaseUrl })];
  });
  afterAll(async () => {
    const [first, second] = replicas;
    await second.close();
    await first.close();
  });

  it('that end in one end in the other within five seconds', async () => {
    const [first, second] = replicas;
    const user = await registered(first);
    const elsewhere = client(second, user);
    await elsewhere.get('/v1/me').expect(200);
    const ended = performance.now();
    await request(first.url)
      .post('/v1/auth/logout')
      .send({ refreshToken: user.refreshToken })
      .expect(204);
    // Still remembered there. (Passport is one for both, and asks the replica that started last.)
    expect((await elsewhere.get('/v1/me')).status).toBe(200);
    await until(
      () => elsewhere.get('/v1/me'),
      ({ status }) => status === 401,
    );
    expect(performance.now() - ended).toBeLessThan(6_000);
  });

  it('show addresses where SESSION_ADDRESSES says so', async () => {
    const user = await registered(replicas[0]);
    const { email, password } = user;
    await request(replicas[0].url)
      .post('/v1/auth/login')
      .set('x-forwarded-for', '2001:db8::1')
      .send({ email, password })
      .expect(200);
    const { body } = await user.get('/v1/sessions').expect(200);
    expect(body.items[0].address).toBe('2001:db8::1');
  });
});
