import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import pg from 'pg';
import request from 'supertest';
import { Notifications } from '../../src/database/notifications.js';
import { JobQueue } from '../../src/queue/job-queue.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

/** Far below the 30 s after which the answer would come without a notification. */
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
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await back.close();
    await front.close();
  });

  /** A client waits at `front`; `back` is processing the job when this returns. */
  const waiting = async () => {
    const held = inference.holdNext();
    const answer = user.submit(image).then((response) => response);
    await held.begun;
    return { answer, release: held.release };
  };
  /** Ends all processes' connections to the database; returns how many. */
  const cut = async (condition: string) => {
    const rows = await front.dataSource.query<unknown[]>(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`,
    );
    return rows.length;
  };
  /** Whether the database accepts new connections; existing ones stay. */
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
    await user.get(body.resultUrl).expect(200);
    await client(back, user).get(body.resultUrl).expect(200);
  };

  it('a client waiting at one learns of the result made at the other', async () => {
    await expectAtOnce(await waiting());
  });

  it('a submission at one wakes the workers of the other', async () => {
    const wake = jest.spyOn(back.app.get(JobQueue)['boss'], 'notifyWorker');
    const { answer, release } = await waiting();
    // Each worker for images of this size, and no other. (The one for the mail of a registration is no such worker.)
    const workers = [...back.app.get(JobQueue)['workers'].values()].flat();
    const woken = wake.mock.calls.filter(([id]) => workers.includes(id));
    expect(woken).toHaveLength(back.config.WORKER_CONCURRENCY);
    release();
    expect((await answer).status).toBe(201);
  });

  it('changes at one arrive at the other in order', async () => {
    const heard: string[] = [];
    front.app
      .get(Notifications)
      .listen({ hear: (payload) => heard.push(payload), missed: () => heard.push('missed') });
    const usual = inference.conduct;
    inference.conduct = (bytes, context) => {
      inference.conduct = usual;
      context.onProgress(3, 12);
      return usual(bytes, context);
    };
    const { body } = await user.submit(image).expect(201);
    expect(heard).toEqual([
      'job transformations',
      `${body.id} status`,
      `${body.id} progress`,
      `${body.id} status`,
    ]);
  });

  it('a result made while nobody could listen is delivered, and so are later ones', async () => {
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

  it('both recover after every database connection is cut', async () => {
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

  // Last, since it takes seconds in which the pools close connections that other tests need.
  it('no start and no end is missed when every notification is lost', async () => {
    for (const { app } of [front, back])
      jest
        .spyOn(app.get(Notifications) as unknown as Record<'notify', () => Promise<void>>, 'notify')
        .mockResolvedValue(undefined);
    await expectAtOnce(await waiting());
  });
});
