import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { Notifications } from '../../src/database/notifications.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ inference: new FakeInference() });
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => app.close());

/** Records every statement of this process, with the name of its connection. */
const statements = () => {
  const seen: { text: string; by: string | undefined }[] = [];
  const usual = pg.Client.prototype.query;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client & { connectionParameters?: { application_name?: string } },
    ...args: unknown[]
  ) {
    const [query] = args as [string | { text: string }];
    const text = typeof query === 'string' ? query : query.text;
    seen.push({ text, by: this.connectionParameters?.application_name });
    return Reflect.apply(usual, this, args);
  });
  return seen;
};

describe('notifications between processes', () => {
  const running: Notifications[] = [];
  /** Notifications as in a process, with those it receives. */
  const started = async () => {
    const notifications = new Notifications({ DATABASE_URL: app.databaseUrl });
    await notifications.onApplicationBootstrap();
    running.push(notifications);
    const heard: string[] = [];
    const gaps: number[] = [];
    notifications.listen({
      hear: (payload) => heard.push(payload),
      missed: () => gaps.push(heard.length),
    });
    return { notifications, heard, gaps };
  };
  afterEach(() =>
    Promise.all(running.splice(0).map((process) => process.beforeApplicationShutdown())),
  );
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `id-${i} status`);
  const come = (heard: string[], count: number) =>
    until(
      () => heard.length,
      (length) => length >= count,
    );

  it.each([
    [100, 2],
    [1_200, 4],
  ])('%i at once take %i transactions and arrive in order', async (count, transactions) => {
    const [one, other] = [await started(), await started()];
    const seen = statements();
    const sent = numbered(count);
    for (const payload of sent) one.notifications.send(payload);
    // The sending process hears it at once, and only once.
    expect(one.heard).toEqual(sent);
    await come(other.heard, count);
    expect(other.heard).toEqual(sent);
    other.notifications.send('and back');
    await come(one.heard, count + 1);
    expect(one.heard).toEqual([...sent, 'and back']);
    const notifying = seen.filter(({ text }) => text.includes('pg_notify'));
    expect(notifying).toHaveLength(transactions + 1);
  });

  it('are all sent before the process ends', async () => {
    const [one, other] = [await started(), await started()];
    const sent = numbered(1_200);
    for (const payload of sent) one.notifications.send(payload);
    await one.notifications.beforeApplicationShutdown();
    await come(other.heard, sent.length);
    expect(other.heard).toEqual(sent);
  });

  it('continue after a lost connection, and tell every listener that some may be missing', async () => {
    const [one, other] = [await started(), await started()];
    one.notifications.send('before');
    await come(other.heard, 1);
    await app.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'stylizer-listen'`,
    );
    // May be lost, but neither throws nor blocks later ones.
    one.notifications.send('meanwhile');
    await until(
      () => [...one.gaps, ...other.gaps],
      (gaps) => gaps.length === 2,
    );
    one.notifications.send('after');
    await until(
      () => other.heard,
      (heard) => heard.includes('after'),
    );
    expect(one.heard).toEqual(['before', 'meanwhile', 'after']);
  });
});

describe('a transaction that moves tokens', () => {
  it('does not notify; only the listening connection does', async () => {
    const user = await registered(app);
    const seen = statements();
    await user.submit(await picture()).expect(201);
    await until(
      () => seen.filter(({ text }) => text.includes('pg_notify')),
      (notifying) => notifying.length >= 2,
    );
    const notifying = seen.filter(({ text }) => /pg_notify|\bNOTIFY\b/.test(text));
    expect(new Set(notifying.map(({ by }) => by))).toEqual(new Set(['stylizer-listen']));
    // Otherwise the check above would prove nothing.
    for (const statement of ['INSERT INTO transformations', 'UPDATE transformations', 'pgboss.job'])
      expect(seen.some(({ text }) => text.includes(statement))).toBe(true);
  });

  it('does not notify after an upgrade either, which turns it off for existing queues', async () => {
    const notifying = () =>
      app.dataSource.query<unknown[]>(`SELECT name FROM pgboss.queue WHERE notify`);
    expect(await notifying()).toEqual([]);
    await app.dataSource.query(`UPDATE pgboss.queue SET notify = true`);
    await migrateDatabase(app.config);
    expect(await notifying()).toEqual([]);
  });
});
