import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeFeed } from '../../src/events/change-feed.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { EventStream } from '../support/event-stream.js';
import { InferenceProxy } from '../support/inference-proxy.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

describe('the event stream of a transformation', () => {
  let inference: InferenceProxy;
  /** Processes the queue. */
  let app: TestApp;
  /** Another api on the same database, which does not process the queue. */
  let replica: TestApp;
  let user: TestUser;
  let image: Buffer;

  beforeAll(async () => {
    inference = await InferenceProxy.start();
    const env = { INFERENCE_URL: inference.url, SIGN_UP_GRANT: '1000', WORKER_CONCURRENCY: '1' };
    app = await startTestApp({ env });
    replica = await startTestApp({
      databaseUrl: app.databaseUrl,
      env: { ...env, STORAGE_DIR: app.config.STORAGE_DIR },
      worker: false,
    });
    user = await registered(app);
    image = await picture({ width: 32, height: 32 });
  });
  afterEach(() => inference.release());
  afterAll(async () => {
    await Promise.all([app.close(), replica.close()]);
    await inference.down();
  });

  const submit = () => user.enqueue(image);
  const names = ({ events }: EventStream) => events.map(({ event }) => event);
  const subscriptions = ({ app }: TestApp) => app.get(ChangeFeed)['listeners'].size;

  it('reports every status in order, on both replicas', async () => {
    await inference.holding(submit);
    // The only worker is busy, so this one is certainly queued.
    const id = await submit();
    const streams = await Promise.all([
      EventStream.open(app, user, id),
      EventStream.open(replica, user, id),
    ]);
    for (const stream of streams) {
      expect(stream.response.headers['content-type']).toMatch(/^text\/event-stream\b/);
      expect(stream.response.headers['cache-control']).toBe('no-store');
      await stream.until('queued');
      expect(names(stream)).toEqual(['queued']);
    }
    inference.release();
    for (const stream of streams) {
      await stream.ended;
      expect(names(stream)).toEqual(['queued', 'processing', 'completed']);
      for (const { data } of stream.events) expect(data.id).toBe(id);
      expect(stream.events.map(({ data }) => data.status)).toEqual([
        'pending',
        'processing',
        'completed',
      ]);
      const { body } = await user.get(`/v1/transformations/${id}`);
      expect(stream.events.at(-1)?.data).toEqual(body);
    }
  });

  it('reports the progress of a large image; a late listener gets the latest progress only', async () => {
    const id = await inference.holding(submit);
    const stream = await EventStream.open(replica, user, id);
    await stream.until('processing');
    expect(stream.events.at(-1)?.data).not.toHaveProperty('progress');
    const tilesDone = ({ events }: EventStream) =>
      events.map(({ data }) => (data.progress as { tilesDone: number } | undefined)?.tilesDone);

    for (const done of [1, 5, 12]) {
      inference.tellProgress(done, 12);
      const progress = { tilesDone: done, tilesTotal: 12 };
      await stream.until('processing', (data) => isDeepStrictEqual(data.progress, progress));
      const { body } = await user.get(`/v1/transformations/${id}`).expect(200);
      expect(body).toMatchObject({ status: 'processing', progress });
      const list = await user.get('/v1/transformations?status=processing').expect(200);
      expect(list.body.items).toEqual([body]);
    }
    const late = await EventStream.open(app, user, id);
    await late.until('processing');

    inference.release();
    await Promise.all([stream.ended, late.ended]);
    expect(names(stream)).toEqual(['queued', ...Array(4).fill('processing'), 'completed']);
    expect(tilesDone(stream)).toEqual([undefined, undefined, 1, 5, 12, 12]);
    expect(names(late)).toEqual(['queued', 'processing', 'completed']);
    expect(tilesDone(late)).toEqual([undefined, 12, 12]);
    for (const { data } of late.events.slice(0, 2)) expect(data.completedAt).toBeNull();
  });

  it('replays the final event and ends when opened after completion', async () => {
    const { body } = await user.submit(image).expect(201);
    const stream = await EventStream.open(replica, user, body.id);
    await stream.ended;
    expect(names(stream)).toEqual(['queued', 'processing', 'completed']);
    expect(stream.events.at(-1)?.data).toEqual(body);
    expect(stream.events[0]?.data).toMatchObject({ startedAt: null, completedAt: null });
    expect(stream.events[0]?.data).not.toHaveProperty('resultUrl');
  });

  it('ends when the transformation is cancelled', async () => {
    inference.conduct = 'hold';
    const calls = inference.calls.length;
    await submit();
    await inference.called(calls + 1);
    const id = await submit();
    const stream = await EventStream.open(replica, user, id);
    await stream.until('queued');
    await user.post(`/v1/transformations/${id}/cancel`).expect(200);
    await stream.ended;
    expect(names(stream)).toEqual(['queued', 'cancelled']);
  });

  it('ends with the failure and its reason', async () => {
    inference.conduct = 'reject';
    const id = await submit();
    const stream = await EventStream.open(replica, user, id);
    await stream.ended;
    expect(names(stream)).toEqual(['queued', 'processing', 'failed']);
    expect(stream.events.at(-1)?.data).toMatchObject({
      status: 'failed',
      error: { code: 'IMAGE_UNREADABLE', detail: 'The image is damaged.' },
    });
  });

  it('releases its resources when the client disconnects', async () => {
    inference.conduct = 'hold';
    const calls = inference.calls.length;
    const id = await submit();
    // Otherwise a later test could mistake this call for its own.
    await inference.called(calls + 1);
    await until(
      () => subscriptions(app),
      (count) => count === 0,
    );
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => EventStream.open(app, user, id)),
    );
    await Promise.all(streams.map((stream) => stream.until('queued')));
    expect(subscriptions(app)).toBe(1);
    for (const stream of streams) stream.hangUp();
    expect(
      await until(
        () => subscriptions(app),
        (count) => count === 0,
      ),
    ).toBe(0);
  });

  it('continues after the listening connection breaks', async () => {
    const id = await inference.holding(submit);
    const stream = await EventStream.open(replica, user, id);
    await stream.until('processing');
    await app.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'stylizer-listen'`,
    );
    inference.release();
    await stream.ended;
    expect(names(stream)).toEqual(['queued', 'processing', 'completed']);
  });

  it('ends when the service shuts down', async () => {
    inference.conduct = 'hold';
    const id = await submit();
    const leaving = await startTestApp({
      databaseUrl: app.databaseUrl,
      env: { INFERENCE_URL: inference.url, STORAGE_DIR: app.config.STORAGE_DIR },
      worker: false,
    });
    const stream = await EventStream.open(leaving, user, id);
    await stream.until('queued');
    await Promise.all([leaving.close(), stream.ended]);
    expect(names(stream).filter((name) => name !== 'processing')).toEqual(['queued']);
  });
});
