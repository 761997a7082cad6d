import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import { picture } from '../factories/images.js';
import { useProxiedApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import { storedFiles } from '../support/traces.js';
import { until } from '../support/until.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const image = await picture({ width: 32, height: 32 });
const { app, inference } = useProxiedApp({ SIGN_UP_GRANT: '10000', WORKER_CONCURRENCY: '1' });
const user = useUser(app, beforeAll);

const path = (id: string) => `/v1/transformations/${id}`;
const completed = async (): Promise<string> => (await user.submit(image).expect(201)).body.id;
/** A transformation that inference has received and not answered. */
const processing = () => inference.holding(() => user.enqueue(image));
/** A transformation queued behind another: there is one worker. */
const pending = async (): Promise<string> => {
  await processing();
  return user.enqueue(image);
};

describe('submitting an image', () => {
  it.each([
    ['respond-async', { prefer: 'respond-async' }],
    ['wait=0', { prefer: 'wait=0' }],
    ['respond-async among others', { prefer: 'handling=strict, respond-async' }],
    ['respond-async, also for a JPG', { prefer: 'respond-async', accept: 'image/jpeg' }],
  ])('answers 202 at once with the URL to poll: %s', async (_, headers) => {
    inference.conduct = 'hold';
    const before = await user.balance();
    const response = await user.submit(image).set(headers).expect(202);
    expect(response.body).toMatchObject({ status: 'pending', startedAt: null });
    expect(response.headers).toMatchObject({
      location: path(response.body.id),
      'x-transformation-id': response.body.id,
      'x-tokens-charged': '10',
      'x-tokens-available': String(before.available - 10),
    });
    await user.get(String(response.headers.location)).expect(200);
  });

  it('answers 202 when the wait ends during processing', async () => {
    inference.conduct = 'hold';
    const began = performance.now();
    const response = await user.submit(image).set('prefer', 'wait=1').expect(202);
    expect(performance.now() - began).toBeGreaterThan(950);
    expect(response.body.status).toMatch(/^(pending|processing)$/);
    expect(response.headers.location).toBe(path(response.body.id));
  });

  it('answers 201 when it is completed, with what a later GET returns', async () => {
    const { available } = await user.balance();
    const response = await user.submit(image).expect(201);
    expect(response.headers).toMatchObject({
      location: path(response.body.id),
      'x-transformation-id': response.body.id,
      'x-tokens-charged': '10',
      'x-tokens-available': String(available - 10),
    });
    const { body } = await user.get(path(response.body.id)).expect(200);
    expect(body).toEqual(response.body);
  });

  it.each([
    ['image/jpeg', 'image/jpeg', 200],
    ['image/*', 'image/*', 200],
    ['image/jpeg before JSON', 'image/jpeg, application/json;q=0.5', 200],
    ['JSON before image/jpeg', 'application/json, image/jpeg;q=0.5', 201],
    ['anything', '*/*', 201],
  ])('answers in the preferred format: %s', async (_, accept, status) => {
    const response = await user.submit(image).set('accept', accept).expect(status);
    const type = status === 200 ? /^image\/jpeg$/ : /^application\/json/;
    expect(response.headers['content-type']).toMatch(type);
    expect(response.headers['x-transformation-id']).toMatch(UUID);
    if (status === 200) {
      const { body } = await user.get(
        `${path(response.headers['x-transformation-id'] ?? '')}/result`,
      );
      expect(Buffer.compare(response.body, body)).toBe(0);
    }
  });

  it('answers with the size and price of the output', async () => {
    const { body } = await user
      .submit(await picture({ width: 120, height: 80 }))
      .field('maxSize', '64')
      .expect(201);
    expect(body).toMatchObject({ width: 64, height: 43, price: 10, options: { maxSize: 64 } });
    const result = await user.get(body.resultUrl).expect(200);
    expect(await sharp(result.body).metadata()).toMatchObject({ width: 64, height: 43 });
  });
});

describe('reading a transformation', () => {
  it('returns exactly the documented fields when it is completed', async () => {
    const { body } = await user.get(path(await completed()));
    expect(body).toEqual({
      id: expect.stringMatching(UUID),
      status: 'completed',
      styles: [{ id: 'starry-night', weight: 1 }],
      options: { strength: 1, preserveColors: false, strokeScale: 1, quality: 90 },
      price: 10,
      width: 32,
      height: 32,
      queuedAt: expect.stringMatching(TIME),
      startedAt: expect.stringMatching(TIME),
      completedAt: expect.stringMatching(TIME),
      inferenceMs: expect.any(Number),
      resultUrl: `/v1/transformations/${body.id}/result`,
    });
    const times = [body.queuedAt, body.startedAt, body.completedAt];
    expect(times).toEqual([...times].sort());
  });

  it('returns the default stroke scale for one stored before the option existed', async () => {
    const id = await completed();
    await app.dataSource.query(
      `UPDATE transformations SET options = options - 'strokeScale' WHERE id = $1`,
      [id],
    );
    const { body } = await user.get(path(id));
    expect(body.options.strokeScale).toBe(1);
  });

  it('returns no result and no completion time before it ends', async () => {
    const { body } = await user.get(path(await processing()));
    expect(body).toMatchObject({ status: 'processing', completedAt: null, inferenceMs: null });
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['resultUrl']));
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['error']));
  });
});

describe('the result', () => {
  it('is served with cache headers, and answers 304 to a client that has it', async () => {
    const id = await completed();
    const { headers } = await user.get(`${path(id)}/result`).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': expect.stringMatching(/^private\b/),
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
      'content-length': expect.stringMatching(/^[1-9]\d*$/),
    });
    const etag = String(headers.etag);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await user
        .get(`${path(id)}/result`)
        .set('if-none-match', known)
        .expect(304);
      expect(again.headers.etag).toBe(etag);
      expect(again.headers['content-type']).toBeUndefined();
    }
    await user
      .get(`${path(id)}/result`)
      .set('if-none-match', '"other"')
      .expect(200);
  });

  it('answers that it is not ready before completion', async () => {
    const id = await processing();
    expectProblem(await user.get(`${path(id)}/result`), 409, 'NOT_READY');
    await user.get(`${path(id)}/original`).expect(200);
  });

  it('is gone after it expires, as is the original; the transformation stays', async () => {
    const id = await completed();
    await app.dataSource.query(
      `UPDATE transformations SET images_expire_at = now() - interval '1 second' WHERE id = $1`,
      [id],
    );
    await app.app.get(Housekeeping).run();
    expectProblem(await user.get(`${path(id)}/result`), 410, 'RESULT_EXPIRED');
    expectProblem(await user.get(`${path(id)}/original`), 410, 'RESULT_EXPIRED');
    const { body } = await user.get(path(id)).expect(200);
    expect(body.status).toBe('completed');
    expect((await storedFiles(app)).filter((file) => file.includes(id))).toEqual([]);
  });
});

describe('deleting a transformation', () => {
  it('deletes its images and keeps its ledger entries', async () => {
    const id = await completed();
    const lines = async () =>
      (await user.get('/v1/tokens/entries?limit=100')).body.items.filter(
        (line: { transformationId?: string }) => line.transformationId === id,
      );
    const before = await lines();
    expect(before.map(({ kind }: { kind: string }) => kind)).toEqual(['settle', 'hold']);
    expect((await storedFiles(app)).filter((file) => file.includes(id))).toHaveLength(2);

    const balance = await user.balance();
    const { text } = await user.delete(path(id)).expect(204);
    expect(text).toBe('');

    for (const route of ['', '/result', '/original', '/events'])
      expectProblem(await user.get(path(id) + route), 404, 'NOT_FOUND');
    expectProblem(await user.delete(path(id)), 404, 'NOT_FOUND');
    expectProblem(await user.post(`${path(id)}/cancel`), 404, 'NOT_FOUND');
    const { body } = await user.get('/v1/transformations?limit=100');
    expect(body.items.map((item: { id: string }) => item.id)).not.toContain(id);
    expect(await lines()).toEqual(before);
    expect(await user.balance()).toEqual(balance);
    expect((await storedFiles(app)).filter((file) => file.includes(id))).toEqual([]);
  });

  it('is refused while it is being processed', async () => {
    const id = await processing();
    expectProblem(await user.delete(path(id)), 409, 'TRANSFORMATION_IN_PROGRESS');
    await user.get(path(id)).expect(200);
  });

  it('refunds a pending one', async () => {
    const id = await pending();
    const before = await user.balance();
    await user.delete(path(id)).expect(204);
    expectProblem(await user.get(path(id)), 404, 'NOT_FOUND');
    expect(await user.balance()).toEqual({
      available: before.available + 10,
      held: before.held - 10,
    });
  });
});

describe('cancelling', () => {
  it('refunds a pending one once, and no worker processes it', async () => {
    const id = await pending();
    const calls = inference.calls.length;
    const before = await user.balance();
    const { body } = await user.post(`${path(id)}/cancel`).expect(200);
    expect(body).toMatchObject({ id, status: 'cancelled', startedAt: null });
    expectProblem(await user.post(`${path(id)}/cancel`), 409, 'NOT_CANCELLABLE');
    expectProblem(await user.get(`${path(id)}/result`), 409, 'NOT_READY');
    expect(await user.balance()).toEqual({
      available: before.available + 10,
      held: before.held - 10,
    });
    // The next one follows the current one: the cancelled one was skipped.
    inference.release();
    await completed();
    expect(inference.calls.length).toBe(calls + 1);
  });

  it('is refused during processing and after the end', async () => {
    const id = await processing();
    expectProblem(await user.post(`${path(id)}/cancel`), 409, 'NOT_CANCELLABLE');
    inference.release();
    expectProblem(await user.post(`${path(await completed())}/cancel`), 409, 'NOT_CANCELLABLE');
  });

  it('answers the submitter who is waiting', async () => {
    await processing();
    const waiting = user
      .submit(image)
      .set('idempotency-key', 'to-cancel')
      .then((answer) => answer);
    const stop = inference.calls.length;
    const [{ id }] = await until(
      async () => (await user.get('/v1/transformations?status=pending')).body.items,
      (items) => items.length > 0,
    );
    await user.post(`${path(id)}/cancel`).expect(200);
    const answer = await waiting;
    expectProblem(answer, 409, 'TRANSFORMATION_CANCELLED');
    expect(answer.headers).toMatchObject({ 'x-tokens-charged': '0', 'x-transformation-id': id });
    expect(inference.calls.length).toBe(stop);
  });
});
