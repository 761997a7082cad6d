import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { spawnWorker } from '../src/threads/thread-pool.js';
import { psnr, scene } from './support/pictures.js';
import { jpegOf, STYLE, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';
import { until } from './support/until.js';

let running: RunningService;
let dir: string;
let picture: Buffer;
const workers: Worker[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stylizer-large-'));
  picture = await scene(1800, 1000).jpeg({ quality: 95 }).toBuffer();
  const spawn = (...args: Parameters<typeof spawnWorker>) => {
    const worker = spawnWorker(...args);
    workers.push(worker);
    return worker;
  };
  running = await runService({ WHOLE_IMAGE_MAX_PIXELS: '65536', SCRATCH_DIR: dir }, { spawn });
});
afterAll(async () => {
  await running.close();
  await rm(dir, { recursive: true });
});

afterEach(async () => {
  await running.service.admission.empty();
  const deadline = Date.now() + 5_000;
  while ((await readdir(dir)).length > 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await readdir(dir)).toEqual([]);
});

/** A caller that hears informational responses, and can hang up. */
async function call(image: Buffer) {
  const form = new FormData();
  form.append('params', JSON.stringify(STYLE));
  form.append('image', new Blob([new Uint8Array(image)]));
  const encoded = new Response(form);
  const progress: string[] = [];
  const request = httpRequest(`${running.url}/v1/stylize`, {
    method: 'POST',
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
  });
  request.on('information', ({ statusCode, headers }) =>
    progress.push(`${statusCode} ${String(headers['stylizer-progress'])}`),
  );
  const answer = once(request, 'response').then(async ([response]: IncomingMessage[]) => ({
    status: response?.statusCode,
    length: Number(response?.headers['content-length']),
    body: Buffer.concat((await response?.toArray()) ?? []),
  }));
  request.end(Buffer.from(await encoded.arrayBuffer()));
  return { answer, progress, hangUp: () => request.destroy() };
}

describe('a tiled image', () => {
  it('returns a complete JPG with profile and metadata, after progress responses', async () => {
    const { answer, progress } = await call(picture);
    const { status, body, length } = await answer;
    expect([status, length]).toEqual([200, body.length]);
    const metadata = await sharp(body).metadata();
    expect(metadata).toMatchObject({ width: 1800, height: 1000, chromaSubsampling: '4:4:4' });
    expect(metadata.icc?.toString('latin1').replaceAll('\0', '')).toContain('sRGB');
    expect(metadata.xmp?.toString('utf8')).toContain('TrainedAlgorithmicMedia');
    expect([progress[0], progress.at(-1)]).toEqual(['103 0/6', '103 6/6']);
  });

  it('is the photo at strength 0, and close to it at low strength', async () => {
    const at = async (strength: number) =>
      psnr(jpegOf(await stylize(running.url, picture, { ...STYLE, strength })), picture);
    const [none, little] = [await at(0), await at(0.1)];
    expect(none).toBeGreaterThan(40);
    expect(little).toBeGreaterThan(20);
    expect(little).toBeLessThan(none);
  });

  it('does not block small images', async () => {
    const { answer } = await call(picture);
    await until(() => running.service.admission.running === 1);
    jpegOf(await stylize(running.url, await scene().jpeg().toBuffer()));
    expect(running.service.admission.running).toBe(1);
    expect((await answer).status).toBe(200);
  });

  it('is dropped when its client disconnects', async () => {
    const { answer, progress, hangUp } = await call(picture);
    await until(() => progress.length > 0);
    hangUp();
    await expect(answer).rejects.toThrow();
  });

  it('fails when the thread dies during the run', async () => {
    const { answer, progress } = await call(picture);
    await until(() => progress.length > 0);
    workers.at(-1)?.postMessage('what no thread understands');
    const { status, body } = await answer;
    expect([status, JSON.parse(body.toString())]).toEqual([
      500,
      expect.objectContaining({ code: 'INTERRUPTED' }),
    ]);
  });

  it('is refused when it is truncated, like a small one', async () => {
    const response = await stylize(running.url, picture.subarray(0, picture.length / 2));
    expect(response.body).toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });
});

describe('strokeScale', () => {
  const params = { ...STYLE, quality: 100 };
  const of = async (more: object) =>
    jpegOf(await stylize(running.url, picture, { ...params, ...more }));

  it.each([2, 0.5])('%d works at the output’s size divided by it', async (strokeScale) => {
    const result = await of({ maxSize: 400, strokeScale });
    expect(await sharp(result).metadata()).toMatchObject({ width: 400, height: 222 });
    const worked = await of({ maxSize: 400 / strokeScale });
    const brought = await sharp(worked)
      .resize(400, 222, { fit: 'fill', kernel: 'lanczos3' })
      .png()
      .toBuffer();
    expect(await psnr(result, brought)).toBeGreaterThan(35);
  });

  it('is refused when the working resolution would be too large', async () => {
    const large = await stylize(running.url, picture, {
      ...STYLE,
      maxSize: 10_000,
      strokeScale: 0.5,
    });
    expect(large.body).toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      detail: expect.stringContaining('larger strokeScale'),
    });
  });
});
