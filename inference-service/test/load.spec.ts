import { connect } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { spawnWorker } from '../src/threads/inference-thread.js';
import { scene } from './support/pictures.js';
import { jpegOf, STYLE, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';
import { until } from './support/until.js';

let running: RunningService;
let photo: Buffer;
/** Takes the network a second or so. */
let large: Buffer;

beforeAll(async () => {
  photo = await scene().jpeg().toBuffer();
  large = await scene(1200, 1000).jpeg().toBuffer();
});
afterEach(() => running.close());

/** A request that the test can hang up on. */
function callOf(image: Buffer) {
  const form = new FormData();
  form.append('params', JSON.stringify(STYLE));
  form.append('image', new Blob([new Uint8Array(image)]));
  const caller = new AbortController();
  const { signal } = caller;
  const answer = fetch(`${running.url}/v1/stylize`, { method: 'POST', body: form, signal });
  return {
    hangUp: () => caller.abort(),
    status: answer.then(
      ({ status }) => status,
      () => 'gone',
    ),
  };
}

const NO_QUEUE = { INFERENCE_QUEUE_LIMIT: '0' };

const metric = async (name: string) => {
  const { text } = await request(running.url).get('/metrics');
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

describe('a full service', () => {
  it('answers 429 at once, says when to come back, and finishes what it has', async () => {
    running = await runService(NO_QUEUE);
    const { admission } = running.service;
    const inside = [callOf(large), callOf(large)];
    await until(() => admission.running === 2);
    const refused = await stylize(running.url, photo);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'BUSY' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(await Promise.all(inside.map(({ status }) => status))).toEqual([200, 200]);
    jpegOf(await stylize(running.url, photo));
  });

  it('answers its probes while the network runs', async () => {
    running = await runService();
    const calls = Array.from({ length: 6 }, () => callOf(large));
    await until(() => running.service.admission.running === 2);
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      expect((await fetch(`${running.url}/health/live`)).status).toBe(200);
      times.push(performance.now() - began);
    }
    const median = times.sort((a, b) => a - b)[10];
    expect(median).toBeLessThan(50);
    expect(running.service.admission.running).toBe(2);
    calls.forEach(({ hangUp }) => hangUp());
    await running.service.admission.empty();
  });
});

describe('a client that goes away', () => {
  it('frees its place in the queue', async () => {
    running = await runService({ INFERENCE_QUEUE_LIMIT: '2' });
    const { admission } = running.service;
    const working = [callOf(large), callOf(large)];
    await until(() => admission.running === 2);
    const waiting = [callOf(large), callOf(large)];
    await until(() => admission.queued === 2);
    waiting.forEach(({ hangUp }) => hangUp());
    await until(() => admission.queued === 0);
    expect(await Promise.all(working.map(({ status }) => status))).toEqual([200, 200]);
  });

  it('frees its place while it uploads', async () => {
    running = await runService(NO_QUEUE);
    const { admission } = running.service;
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    socket.write(HALF_A_REQUEST);
    await until(() => admission.queued === 1);
    socket.destroy();
    await admission.empty();
    jpegOf(await stylize(running.url, photo));
  });
});

describe('a thread that dies', () => {
  it('fails the run in hand, is replaced, and the service lives on', async () => {
    const workers: Worker[] = [];
    running = await runService(
      {},
      {
        spawn: (data) => {
          const worker = spawnWorker(data);
          workers.push(worker);
          return worker;
        },
      },
    );
    const busy = new Promise((resolve) => {
      const worker = workers[0];
      const post = worker?.postMessage.bind(worker);
      if (worker) worker.postMessage = (...message) => resolve(post?.(...message));
    });
    const call = stylize(running.url, large).then((response) => response);
    await busy;
    await workers[0]?.terminate();
    const failed = await call;
    expect(failed.status).toBe(503);
    expect(failed.body).toMatchObject({ code: 'UNAVAILABLE' });

    jpegOf(await stylize(running.url, photo));
    expect(workers).toHaveLength(2);
    expect(await metric('inference_worker_restarts_total')).toBe(1);
  });
});

const HALF_A_REQUEST = [
  'POST /v1/stylize HTTP/1.1',
  'Host: localhost',
  'Content-Type: multipart/form-data; boundary=x',
  'Content-Length: 5000',
  '',
  '--x',
  'Content-Disposition: form-data; name="image"; filename="a.jpg"',
  '',
  'the first bytes',
].join('\r\n');
