import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import request from 'supertest';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

/** Far below the wait of 30 s, at whose end the answer would come without being told. */
const AT_ONCE_MS = 8_000;

describe('two replicas on one database', () => {
  let front: TestApp;
  let back: TestApp;
  let user: TestUser;
  let image: Buffer;
  const inference = new FakeInference();

  beforeAll(async () => {
    front = await startTestApp({ inference: new FakeInference(), worker: false });
    back = await startTestApp({
      inference,
      databaseUrl: front.databaseUrl,
      env: { STORAGE_DIR: front.config.STORAGE_DIR },
    });
    image = await picture();
  });
  beforeEach(async () => {
    user = await registered(front);
  });
  afterAll(async () => {
    await back.close();
    await front.close();
  });

  /** Waits at the front; `back` has the picture in hand when it returns. */
  const waiting = async () => {
    const held = inference.holdNext();
    const answer = client(front, user)
      .submit(image)
      .then((response) => response);
    await held.begun;
    return { answer, release: held.release };
  };
  /** Ends connections of all processes to the database; returns how many. */
  const cut = async (condition: string) => {
    const rows = await front.dataSource.query<unknown[]>(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`,
    );
    return rows.length;
  };
  /** Whether new connections to the database are let in; those there are stay. */
  const allowConnections = async (allowed: boolean) => {
    const server = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
    await server.connect();
    const name = new URL(front.databaseUrl).pathname.slice(1);
    await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${String(allowed)}`);
    await server.end();
  };
  const expectAtOnce = async ({ answer, release }: Awaited<ReturnType<typeof waiting>>) => {
    const begin = performance.now();
    release();
    const { status, body } = await answer;
    expect({ status, state: body.status }).toEqual({ status: 201, state: 'completed' });
    expect(performance.now() - begin).toBeLessThan(AT_ONCE_MS);
    await client(front, user).get(body.resultUrl).expect(200);
    await client(back, user).get(body.resultUrl).expect(200);
  };

  it('work at one is told to who waits at the other', async () => {
    await expectAtOnce(await waiting());
  });

  it('it is told also when it was done while nobody could listen, and afterwards', async () => {
    const first = await waiting();
    await allowConnections(false);
    try {
      expect(await cut(`application_name = 'stylizer-listen'`)).toBe(2);
      first.release();
      await until(
        () =>
          front.dataSource.query<unknown[]>(
            `SELECT id FROM transformations WHERE user_id = $1 AND status = 'completed'`,
            [user.id],
          ),
        (completed) => completed.length === 1,
      );
    } finally {
      await allowConnections(true);
    }
    await expectAtOnce(first);
    await expectAtOnce(await waiting());
  });

  it('both go on after every connection to the database was cut', async () => {
    const first = await waiting();
    expect(await cut('true')).toBeGreaterThanOrEqual(4);
    await expectAtOnce(first);
    for (const { url } of [front, back])
      await until(
        () => request(url).get('/health/ready'),
        ({ status }) => status === 200,
      );
    await expectAtOnce(await waiting());
    expect(await client(back, user).balance()).toEqual({ available: 80, held: 0 });
  });
});
