import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { CODE_LENGTH } from '../src/engine/engine.js';
import { scene } from './support/pictures.js';
import { ENGINE } from './support/engine.js';
import { runService, type RunningService } from './support/running-service.js';

let running: RunningService;
let get: (path: string) => request.Test;

beforeAll(async () => {
  running = await runService();
  get = (path) => request(running.url).get(path);
});
afterAll(() => running.close());

describe('GET /v1/styles', () => {
  it('lists the styles without their codes', async () => {
    const { body } = await get('/v1/styles').expect(200);
    expect(body.items.length).toBeGreaterThanOrEqual(24);
    expect(JSON.stringify(body)).not.toContain('"code"');
    expect(body.items[0]).toEqual({
      id: 'starry-night',
      name: 'The Starry Night',
      description: expect.any(String),
      tags: expect.arrayContaining(['painting']),
      source: 'Vincent van Gogh, The Starry Night, 1889',
      previewUrl: '/v1/styles/starry-night/preview',
    });
  });

  it('has a cacheable preview for every style', async () => {
    const { body } = await get('/v1/styles');
    for (const { previewUrl } of body.items) {
      const { headers } = await get(previewUrl).expect(200).expect('content-type', 'image/webp');
      expect(headers['cache-control']).toContain('max-age');
      await get(previewUrl).set('if-none-match', String(headers['etag'])).expect(304);
    }
  });

  it('has no preview of an unknown style', async () => {
    const { body } = await get('/v1/styles/nobody/preview').expect(404);
    expect(body.code).toBe('STYLE_NOT_FOUND');
  });
});

describe('POST /v1/styles/encode', () => {
  const encode = (image: Buffer) =>
    request(running.url).post('/v1/styles/encode').attach('image', image, 'a.jpg');

  it('returns the same code for the same image and another for another image', async () => {
    const picture = await scene(300, 200).png().toBuffer();
    const first = (await encode(picture).expect(200)).body.code;
    const again = (await encode(picture)).body.code;
    const other = (await encode(await scene(300, 200).negate().png().toBuffer())).body.code;
    expect(first).toHaveLength(CODE_LENGTH);
    expect(first.every(Number.isFinite)).toBe(true);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('returns the id of the model that made the code', async () => {
    const { body } = await encode(await scene(32, 32).png().toBuffer()).expect(200);
    expect(body.model).toBe(running.service.model);
    expect(body.model).toMatch(/^[0-9a-f]{16}$/);
  });

  it('refuses what is not an image', async () => {
    const { body } = await encode(Buffer.from('no')).expect(415);
    expect(body.code).toBe('UNSUPPORTED_IMAGE');
  });
});

describe('the rest of the service', () => {
  it('is live and ready, and reports its device', async () => {
    await get('/health/live').expect(200);
    const { body } = await get('/health/ready').expect(200);
    expect(body).toEqual({
      status: 'ready',
      engine: ENGINE,
      device: 'cpu',
      workers: 1,
      threads: 2,
    });
  });

  it('counts requests and stages', async () => {
    const { text } = await get('/metrics').expect(200);
    expect(text).toContain(
      'inference_requests_total{method="GET",route="/health/live",status="200"}',
    );
    expect(text).toContain('inference_workers 1');
    expect(text).toContain('inference_queue_depth 0');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('answers an unknown route with problem details and the client’s request id', async () => {
    const { body, headers } = await get('/nowhere').set('x-request-id', 'abc-1').expect(404);
    expect(headers['x-request-id']).toBe('abc-1');
    expect(body).toMatchObject({ code: 'NOT_FOUND', instance: '/nowhere', requestId: 'abc-1' });
  });
});
