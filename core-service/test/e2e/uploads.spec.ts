import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { heavyJpeg } from '../factories/hostile-images.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { MANY, useTestApp, useUser } from '../support/fixtures.js';
import { peakGrowth } from '../support/memory.js';
import { expectProblem } from '../support/problems.js';
import { FORM_END, IMAGE_HEAD, RawUpload, textPart } from '../support/raw-upload.js';
import { startTestApp } from '../support/test-app.js';
import { tracesOf, uploadMemory } from '../support/traces.js';
import { until } from '../support/until.js';

const MB = 1_000_000;
const STYLE = textPart('style', 'starry-night');

describe('an upload', () => {
  const app = useTestApp({ env: { UPLOAD_MEMORY_BYTES: String(65 * MB) } });
  const user = useUser(app, beforeAll, MANY);
  afterEach(async () => {
    await until(
      () => uploadMemory(app),
      (bytes) => bytes === 0,
    );
    await user.submit(await picture({ width: 32, height: 32 })).expect(201);
  });

  it('may be chunked, without a length', async () => {
    const upload = new RawUpload(app, user);
    await upload.send(STYLE + IMAGE_HEAD);
    const image = await picture();
    await upload.send(image.subarray(0, 100));
    await upload.send(image.subarray(100));
    await upload.send(FORM_END);
    upload.end();
    expect(await upload.answer()).toMatchObject({ status: 201 });
  });

  it('of 70 MB is cut off at the limit, with or without a declared length', async () => {
    const before = await tracesOf(app, user);
    const megabyte = Buffer.alloc(MB, 1);
    const { result, bytes } = await peakGrowth(async () => {
      const upload = new RawUpload(app, user);
      await upload.send(STYLE + IMAGE_HEAD);
      for (let sent = 0; sent < 70; sent++) await upload.send(megabyte);
      await upload.send(FORM_END);
      upload.end();
      return upload.answer();
    });
    expect(result).toMatchObject({ status: 413, body: { code: 'IMAGE_TOO_LARGE' } });
    expect(bytes).toBeLessThan(250 * MB);
    expect(await tracesOf(app, user)).toEqual(before);
  });

  it('whose client hangs up half-way leaves no traces', async () => {
    const before = await tracesOf(app, user);
    const upload = new RawUpload(app, user, 2 * MB);
    await upload.send(STYLE + IMAGE_HEAD);
    await upload.send(Buffer.alloc(MB, 1));
    await until(
      () => uploadMemory(app),
      (bytes) => bytes === MB,
    );
    upload.hangUp();
    await until(
      () => uploadMemory(app),
      (bytes) => bytes === 0,
    );
    expect(await tracesOf(app, user)).toEqual(before);
  });

  it('that ends within the image is refused with that reason', async () => {
    const before = await tracesOf(app, user);
    const upload = new RawUpload(app, user);
    await upload.send(STYLE + IMAGE_HEAD);
    await upload.send(await picture());
    upload.end();
    expect(await upload.answer()).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED' },
    });
    expect(await tracesOf(app, user)).toEqual(before);
  });

  it('that is answered before its end leaves the connection usable', async () => {
    // A text part named image is refused at once; a megabyte still follows.
    const upload = new RawUpload(app, user);
    await upload.send(textPart('image', 'not a file') + IMAGE_HEAD);
    await upload.send(Buffer.alloc(MB, 1));
    await upload.send(FORM_END);
    upload.end();
    expect(await upload.answer()).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED' },
    });
  });

  it('for which there is no memory is refused with Retry-After, and accepted later', async () => {
    const slow = new RawUpload(app, user);
    await slow.send(STYLE + IMAGE_HEAD);
    const slowImage = await heavyJpeg(50 * MB);
    await slow.send(slowImage);
    await until(
      () => uploadMemory(app),
      (bytes) => bytes === slowImage.length,
    );

    const before = await tracesOf(app, user);
    const image = await heavyJpeg(20 * MB);
    const refused = await user.submit(image);
    expectProblem(refused, 503, 'OVERLOADED');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await tracesOf(app, user)).toEqual(before);
    // A refused upload holds no memory.
    expect(uploadMemory(app)).toBe(slowImage.length);

    await slow.send(FORM_END);
    slow.end();
    expect(await slow.answer()).toMatchObject({ status: 201 });
    await user.submit(image).expect(201);
  });
});

describe('an upload that stalls', () => {
  it('does not change the time limit of idle connections', async () => {
    const app = await startTestApp();
    try {
      app.app.getHttpServer().keepAliveTimeout = 200;
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
      socket.resume();
      await once(socket, 'close', { signal: AbortSignal.timeout(5_000) });
    } finally {
      await app.close();
    }
  });

  it('is closed and frees its memory, while a slow but steady one is accepted', async () => {
    const app = await startTestApp({ env: { REQUEST_IDLE_SECONDS: '1' } });
    try {
      const user = await registered(app);
      const image = await heavyJpeg(2 * MB);
      const stalled = new RawUpload(app, user);
      await stalled.send(STYLE + IMAGE_HEAD);
      await stalled.send(image.subarray(0, MB));
      const slow = new RawUpload(app, user);
      await slow.send(STYLE + IMAGE_HEAD);
      const step = Math.ceil(image.length / 6);
      for (let from = 0; from < image.length; from += step) {
        await slow.send(image.subarray(from, from + step));
        await delay(400);
      }
      await slow.send(FORM_END);
      slow.end();
      expect(await slow.answer()).toMatchObject({ status: 201 });
      await expect(stalled.answer()).rejects.toThrow(/socket hang up|ECONNRESET/);
      expect(uploadMemory(app)).toBe(0);
    } finally {
      await app.close();
    }
  });
});

describe('an upload that is being stylized', () => {
  it('no longer counts as an upload in memory', async () => {
    // No worker runs, so the client keeps waiting for the answer.
    const app = await startTestApp({ worker: false });
    try {
      const user = await registered(app);
      const waiting = user
        .submit(await heavyJpeg(5 * MB))
        .set('prefer', 'wait=20')
        .then((response) => response);
      const [held] = await until(
        () => user.get('/v1/transformations').then(({ body }) => body.items),
        (items) => items.length === 1,
      );
      expect(
        await until(
          () => uploadMemory(app),
          (bytes) => bytes === 0,
          5_000,
        ),
      ).toBe(0);
      await user.post(`/v1/transformations/${held.id}/cancel`).expect(200);
      expectProblem(await waiting, 409, 'TRANSFORMATION_CANCELLED');
    } finally {
      await app.close();
    }
  });
});
