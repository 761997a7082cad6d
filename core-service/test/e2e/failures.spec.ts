import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { Inference } from '../../src/inference/inference.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { useProxiedApp, useUser } from '../support/fixtures.js';
import { type Conduct, InferenceProxy } from '../support/inference-proxy.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp } from '../support/test-app.js';
import { storedFiles } from '../support/traces.js';
import { until } from '../support/until.js';

interface Sent {
  sender: TestUser;
  answer: Response;
  requestId: string;
}

const image = await picture({ width: 32, height: 32 });

describe('a transformation for which inference', () => {
  const { app, inference } = useProxiedApp();

  const poison: [string, Conduct][] = [
    ['fails', 'fail'],
    ['loses the connection', 'reset'],
    ['answers an HTML page', 'not a picture'],
    ['answers a truncated JPG', 'half a picture'],
  ];
  /** All at once, since three attempts take seconds. */
  const submitAll = async () => {
    const submitted = poison.map(async ([, conduct]): Promise<[Conduct, Sent]> => {
      const sender = await registered(app);
      const requestId = conduct.replaceAll(' ', '-');
      inference.conductTo.set(requestId, conduct);
      const answer = await sender.submit(image).set('x-request-id', requestId);
      return [conduct, { sender, answer, requestId }];
    });
    return new Map(await Promise.all(submitted));
  };
  let sent: Promise<Map<Conduct, Sent>> | undefined;

  it.each(poison)(
    '%s fails after three attempts and is refunded',
    async (_, conduct) => {
      sent ??= submitAll();
      const { sender: user, answer, requestId } = (await sent).get(conduct) as Sent;
      expectProblem(answer, 500, 'TRANSFORMATION_FAILED');
      expect(answer.headers).toMatchObject({
        'x-tokens-charged': '0',
        'x-tokens-available': '100',
      });
      expect(inference.callsFor(requestId)).toBe(3);

      const id = answer.headers['x-transformation-id'];
      const { body } = await user.get(`/v1/transformations/${id}`).expect(200);
      expect(body).toMatchObject({
        status: 'failed',
        error: { code: 'TRANSFORMATION_FAILED', detail: expect.stringContaining('refunded') },
      });
      expect(body).not.toHaveProperty('resultUrl');
      expectProblem(await user.get(`/v1/transformations/${id}/result`), 409, 'NOT_READY');
      expect(await user.balance()).toEqual({ available: 100, held: 0 });
      const { body: ledger } = await user.get('/v1/tokens/entries');
      expect(ledger.items.map(({ kind }: { kind: string }) => kind)).toEqual([
        'release',
        'hold',
        'signup_grant',
      ]);
      expect((await storedFiles(app)).filter((file) => file.includes('result'))).toEqual([]);
    },
    60_000,
  );

  it('fails once completes on retry', async () => {
    const user = await registered(app);
    inference.conduct = 'fail';
    const calls = inference.calls.length;
    const waiting = user.submit(image).then((answer) => answer);
    await inference.called(calls + 1);
    inference.release();
    expect((await waiting).status).toBe(201);
    expect(inference.calls.length - calls).toBe(2);
    expect(await user.balance()).toEqual({ available: 90, held: 0 });
  });

  it('rejects the image fails at once, with the reason', async () => {
    const user = await registered(app);
    inference.conduct = 'reject';
    const calls = inference.calls.length;
    const answer = await user.submit(image);
    expectProblem(answer, 422, 'IMAGE_UNREADABLE');
    expect(answer.body.detail).toBe('The image is damaged.');
    expect(answer.headers).toMatchObject({ 'x-tokens-charged': '0', 'x-tokens-available': '100' });
    expect(inference.calls.length - calls).toBe(1);
    expect(await user.balance()).toEqual({ available: 100, held: 0 });
  });
});

describe('while inference is down', () => {
  const { app, inference } = useProxiedApp();
  const user = useUser(app, beforeAll);
  beforeAll(async () => {
    await user.submit(image).expect(201);
    await inference.down();
    // The last readiness answer is cached for a second.
    await until(
      () => app.app.get(Inference).isReady(),
      (ready) => !ready,
    );
  });

  it('accepts a submission and answers 202 with the URL to poll', async () => {
    const answer = await user.submit(image).set('prefer', 'wait=1');
    expectProblem(answer, 503, 'INFERENCE_UNAVAILABLE');
    const id = answer.headers['x-transformation-id'];
    expect(answer.headers).toMatchObject({
      location: `/v1/transformations/${id}`,
      'x-tokens-charged': '10',
    });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    const { body } = await user.get(String(answer.headers.location)).expect(200);
    expect(body).toMatchObject({ id, status: 'pending', startedAt: null });
    await user.post(`${answer.headers.location}/cancel`).expect(200);
  });

  it('lets a queued transformation be cancelled, which is then never processed', async () => {
    const before = await user.balance();
    const { body } = await user.submit(image).set('prefer', 'respond-async').expect(202);
    await user.post(`/v1/transformations/${body.id}/cancel`).expect(200);
    expect(await user.balance()).toEqual(before);
  });

  it('creates no style and charges nothing', async () => {
    const before = await user.balance();
    const answer = await user.createStyle(image);
    expectProblem(answer, 503, 'INFERENCE_UNAVAILABLE');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await user.balance()).toEqual(before);
    const { body } = await user.get('/v1/tokens/entries?limit=2').expect(200);
    expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual(['release', 'hold']);
  });

  it('still lists the styles', async () => {
    const { body } = await user.get('/v1/styles').expect(200);
    expect(body.items.length).toBeGreaterThanOrEqual(24);
  });

  it('keeps submissions queued and completes them afterwards, each charged once', async () => {
    const before = await user.balance();
    const calls = inference.calls.length;
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { body } = await user.submit(image).set('prefer', 'respond-async').expect(202);
      ids.push(body.id);
    }
    await inference.up();
    for (const id of ids)
      await until(
        async () => (await user.get(`/v1/transformations/${id}`)).body.status,
        (status) => status === 'completed',
      );
    expect(inference.calls.length - calls).toBe(3);
    expect(await user.balance()).toEqual({
      available: before.available - 30,
      held: 0,
    });
  });
});

describe('an api that has never reached inference', () => {
  it('refuses submissions, whose style it cannot check', async () => {
    const inference = await InferenceProxy.start();
    await inference.down();
    const app = await startTestApp({ env: { INFERENCE_URL: inference.url } });
    try {
      const user = await registered(app);
      const answer = await user.submit(await picture());
      expectProblem(answer, 503, 'INFERENCE_UNAVAILABLE');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(await user.balance()).toEqual({ available: 100, held: 0 });
      expect(await storedFiles(app)).toEqual([]);
      expectProblem(await user.get('/v1/styles'), 503, 'INFERENCE_UNAVAILABLE');

      await inference.up();
      await user.submit(await picture()).expect(201);
    } finally {
      await app.close();
      await inference.down();
    }
  });
});
