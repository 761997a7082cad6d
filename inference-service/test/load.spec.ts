import { connect } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import type { EngineOptions } from '../src/engine/create-engine.js';
import { spawnWorker } from '../src/threads/thread-pool.js';
import { scene } from './support/pictures.js';
import { jpegOf, STYLE, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';
import { until } from './support/until.js';

let running: RunningService;
let photo: Buffer;
/** Keeps the network busy for a while. */
let large: Buffer;
const workers: Worker[] = [];

beforeAll(async () => {
  photo = await scene().jpeg().toBuffer();
  large = await scene(900, 800).jpeg().toBuffer();
  const spawn = (data: EngineOptions) => {
    const worker = spawnWorker(data);
    workers.push(worker);
    return worker;
  };
  // Two in work and one in line.
  running = await runService({ INFERENCE_QUEUE_LIMIT: '1' }, { spawn });
});
afterAll(() => running.close());

/** A request that the test can hang up on. */
function callOf(image: Buffer) {
  const form = new FormData();
  form.append('params', JSON.stringify(STYLE));
  form.append('image', new Blob([new Uint8Array(image)]));
  const caller = new AbortController();
  const { signal } = caller;
  const status = fetch(`${running.url}/v1/stylize`, { method: 'POST', body: form, signal }).then(
    (response) => response.arrayBuffer().then(() => response.status),
    () => 'gone',
  );
  return { hangUp: () => caller.abort(), status };
}

describe('a full service', () => {
  it('answers 429 at once with Retry-After, and finishes its queue', async () => {
    const { admission } = running.service;
    const inside = [callOf(large), callOf(large), callOf(large)];
    await until(() => admission.running === 2 && admission.queued === 1);
    const refused = await stylize(running.url, photo);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ code: 'BUSY' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(await Promise.all(inside.map(({ status }) => status))).toEqual([200, 200, 200]);
    jpegOf(await stylize(running.url, photo));
  });

  it('answers its probes while the network runs', async () => {
    const { admission } = running.service;
    const calls = [callOf(large), callOf(large), callOf(large)];
    await until(() => admission.running === 2);
    const times: number[] = [];
    while (admission.running === 2) {
      const began = performance.now();
      expect((await fetch(`${running.url}/health/live`)).status).toBe(200);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    expect(times.length).toBeGreaterThan(10);
    expect(times[Math.floor(times.length / 2)]).toBeLessThan(50);
    await Promise.all(calls.map(({ status }) => status));
  });
});

describe('a client that disconnects', () => {
  it('frees its place in the queue', async () => {
    const { admission } = running.service;
    const working = [callOf(large), callOf(large)];
    await until(() => admission.running === 2);
    const waiting = callOf(large);
    await until(() => admission.queued === 1);
    waiting.hangUp();
    await until(() => admission.queued === 0);
    expect(await Promise.all(working.map(({ status }) => status))).toEqual([200, 200]);
  });

  it('frees its place while it uploads', async () => {
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
  it('fails its run, is replaced, and the service keeps working', async () => {
    const [worker] = workers;
    const post = worker?.postMessage.bind(worker);
    if (worker)
      worker.postMessage = (...message) => {
        post?.('what no thread understands');
        post?.(...message);
      };
    const failed = await stylize(running.url, large);
    expect(failed.status).toBe(500);
    expect(failed.body).toMatchObject({ code: 'INTERRUPTED' });

    jpegOf(await stylize(running.url, photo));
    expect(workers).toHaveLength(2);
    const { text } = await request(running.url).get('/metrics');
    expect(text).toContain('inference_worker_restarts_total 1');
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
