import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { withScratchFile } from '../storage/scratch-file.js';
import { HttpInference } from './http-inference.js';
import { InferenceError } from './inference.js';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** The port of a server that was there and is gone. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('HttpInference', () => {
  let server: Server;
  let url: string;
  let inference: HttpInference;
  let jpeg: Buffer;
  /** To every call. */
  let answer: Answer;
  let calls: { url?: string; headers: IncomingMessage['headers']; body: Buffer }[];

  beforeAll(async () => {
    jpeg = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#246' } })
      .jpeg()
      .toBuffer();
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        calls.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks) });
        answer(response, request);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    calls = [];
    inference = new HttpInference({ INFERENCE_URL: url, INFERENCE_TIMEOUT_SECONDS: 30 });
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  const request = { styles: [{ id: 'starry-night' }], quality: 90 };
  /** What came, and what it says of it. */
  const stylize = (from = inference, signal = new AbortController().signal) =>
    withScratchFile(async (target) => {
      const image = { stream: Readable.from([jpeg]), bytes: jpeg.length };
      const stylized = await from.stylize(image, request, {
        requestId: 'request-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        signal,
        onProgress: () => undefined,
        target,
      });
      const { buffer, bytesRead } = await target.read(Buffer.alloc(stylized.bytes + 1), 0, null, 0);
      return { ...stylized, picture: buffer.subarray(0, bytesRead) };
    });
  const encode = (from = inference, signal = new AbortController().signal) =>
    from.encodeStyle(jpeg, {
      requestId: 'request-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      signal,
    });
  const failureOf = async (work: Promise<unknown>): Promise<InferenceError> => {
    const error: unknown = await work.then(
      () => 'nothing failed',
      (failed: unknown) => failed,
    );
    expect(error).toBeInstanceOf(InferenceError);
    return error as InferenceError;
  };
  const json =
    (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
    (response) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
  const picture =
    (bytes: Buffer, headers: Record<string, string> = {}): Answer =>
    (response) =>
      response.writeHead(200, { 'content-type': 'image/jpeg', ...headers }).end(bytes);

  describe('stylizing', () => {
    it('sends picture, parameters, request id and trace, and reads picture and time', async () => {
      answer = picture(jpeg, { 'server-timing': 'decode;dur=1.5, infer;dur=234.5, encode;dur=3' });
      const stylized = await stylize();
      expect(stylized.inferenceMs).toBe(234.5);
      expect(stylized.picture.equals(jpeg)).toBe(true);
      expect(stylized).toMatchObject({
        bytes: jpeg.length,
        digest: createHash('sha256').update(jpeg).digest('hex'),
      });
      const [call] = calls;
      expect(call?.headers).toMatchObject({
        'x-request-id': 'request-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      const type = String(call?.headers['content-type']);
      const form = await new Response(call?.body, { headers: { 'content-type': type } }).formData();
      expect([...form.keys()]).toEqual(['params', 'image']);
      expect(JSON.parse(String(form.get('params')))).toEqual(request);
      const image = form.get('image') as File;
      expect(image.type).toBe('image/jpeg');
      expect(Buffer.from(await image.arrayBuffer()).equals(jpeg)).toBe(true);
    });

    it('takes an answer without Server-Timing', async () => {
      answer = picture(jpeg);
      expect((await stylize()).inferenceMs).toBe(0);
    });

    it.each<[string, () => Answer]>([
      ['an HTML page with status 200', () => (response) => response.end('<h1>It works</h1>')],
      [
        'an HTML page that says it is a picture',
        () => picture(Buffer.from('<!doctype html><h1>It works</h1>')),
      ],
      ['a picture that is cut short', () => picture(jpeg.subarray(0, jpeg.length - 2))],
      ['half a picture', () => picture(jpeg.subarray(0, jpeg.length / 2))],
      ['nothing', () => picture(Buffer.alloc(0))],
      ['a whole picture of another type', () => picture(jpeg, { 'content-type': 'image/png' })],
      [
        'a picture that breaks off before its announced end',
        () => (response) => {
          response.writeHead(200, {
            'content-type': 'image/jpeg',
            'content-length': String(jpeg.length),
          });
          response.write(jpeg.subarray(0, 100), () => response.destroy());
        },
      ],
      [
        'a picture that is said to be huge',
        () => (response) => {
          response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': '500000001' });
          response.flushHeaders();
        },
      ],
      ['a reset', () => (_response, request) => request.socket.resetAndDestroy()],
      ['a 500', () => json(500, { code: 'INTERNAL', detail: 'x' })],
      ['a 502 page of a proxy', () => (response) => response.writeHead(502).end('<h1>Bad</h1>')],
      ['a 404 page of a proxy', () => (response) => response.writeHead(404).end('<h1>Lost</h1>')],
      ['a 413 that is no problem body', () => json(413, 'too large')],
    ])('counts %s as a failed attempt', async (_what, make) => {
      answer = make();
      expect((await failureOf(stylize())).kind).toBe('failed');
      expect(calls).toHaveLength(1);
    });

    it('counts a refusal in our own words as final, and keeps them', async () => {
      answer = json(422, { code: 'IMAGE_UNREADABLE', detail: 'The image is damaged.' });
      expect(await failureOf(stylize())).toMatchObject({
        kind: 'rejected',
        message: 'The image is damaged.',
        particulars: { code: 'IMAGE_UNREADABLE' },
      });
    });

    it('hears that a code is of another model, which is neither final nor an attempt', async () => {
      answer = json(409, { code: 'MODEL_MISMATCH', detail: 'Encode it again.' });
      expect((await failureOf(stylize())).kind).toBe('mismatch');
    });

    it.each([429, 503])('counts a %i as not tried, and hears when to come back', async (status) => {
      answer = json(status, { code: 'OVERLOADED', detail: 'Full.' }, { 'retry-after': '7' });
      expect(await failureOf(stylize())).toMatchObject({
        kind: 'unavailable',
        particulars: { retryAfterSeconds: 7 },
      });
    });

    it('counts a service that is not there as not tried', async () => {
      const INFERENCE_URL = `http://127.0.0.1:${await deadPort()}`;
      const away = new HttpInference({ INFERENCE_URL, INFERENCE_TIMEOUT_SECONDS: 30 });
      expect((await failureOf(stylize(away))).kind).toBe('unavailable');
    });

    it('gives up when its time is over, on the head and on the body', async () => {
      const hasty = new HttpInference({ INFERENCE_URL: url, INFERENCE_TIMEOUT_SECONDS: 0.2 });
      answer = () => undefined;
      expect((await failureOf(stylize(hasty))).kind).toBe('failed');
      answer = (response) => {
        response.writeHead(200, { 'content-type': 'image/jpeg' });
        response.write(jpeg.subarray(0, 100));
      };
      expect((await failureOf(stylize(hasty))).kind).toBe('failed');
    });

    it('hangs up when it is told to stop', async () => {
      const stop = new AbortController();
      const hungUp = Promise.withResolvers<undefined>();
      answer = (response) => {
        response.once('close', () => hungUp.resolve(undefined));
        stop.abort();
      };
      expect((await failureOf(stylize(inference, stop.signal))).kind).toBe('failed');
      await hungUp.promise;
    });
  });

  describe('encoding a style', () => {
    const code = Array.from({ length: 128 }, (_, i) => Math.fround(Math.sin(i)));
    const model = '0123456789abcdef';

    it('sends picture, request id and trace, and reads the code and its model', async () => {
      answer = json(200, { code, model });
      expect(await encode()).toEqual({ code, model });
      const [call] = calls;
      expect(call?.url).toBe('/v1/styles/encode');
      expect(call?.headers).toMatchObject({
        'x-request-id': 'request-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      expect(call?.body.includes(jpeg)).toBe(true);
    });

    it.each<[string, Answer]>([
      ['an HTML page', (response) => response.end('<h1>It works</h1>')],
      ['another shape', json(200, { codes: [code], model })],
      ['an empty code', json(200, { code: [], model })],
      ['a code with words in it', json(200, { code: ['1'], model })],
      ['a code with no number where one should be', json(200, { code: [null], model })],
      ['a code beyond all bounds', json(200, { code: [1e30], model })],
      ['a code of no model', json(200, { code })],
      ['a code of a model without a name', json(200, { code, model: '' })],
      ['a 500', json(500, { code: 'INTERNAL', detail: 'x' })],
      ['a reset', (_response, request) => request.socket.resetAndDestroy()],
    ])('counts %s as a failed attempt', async (_what, given) => {
      answer = given;
      expect((await failureOf(encode())).kind).toBe('failed');
      expect(calls).toHaveLength(1);
    });

    it('counts a refusal in our own words as final, and keeps them', async () => {
      answer = json(422, { code: 'IMAGE_UNREADABLE', detail: 'The image is damaged.' });
      expect(await failureOf(encode())).toMatchObject({
        kind: 'rejected',
        message: 'The image is damaged.',
        particulars: { code: 'IMAGE_UNREADABLE' },
      });
    });

    it('counts a 429 as not tried, and hears when to come back', async () => {
      answer = json(429, { code: 'BUSY', detail: 'Full.' }, { 'retry-after': '7' });
      expect(await failureOf(encode())).toMatchObject({
        kind: 'unavailable',
        particulars: { retryAfterSeconds: 7 },
      });
    });

    it('hangs up when it is told to stop', async () => {
      const stop = new AbortController();
      const hungUp = Promise.withResolvers<undefined>();
      answer = (response) => {
        response.once('close', () => hungUp.resolve(undefined));
        stop.abort();
      };
      expect((await failureOf(encode(inference, stop.signal))).kind).toBe('failed');
      await hungUp.promise;
    });
  });

  describe('the catalogue', () => {
    const catalogue = { items: [{ id: 'a', name: 'A', tags: ['x'], more: 'unknown' }] };

    it('is read, without what is not known here', async () => {
      answer = json(200, catalogue);
      expect(await inference.styles()).toEqual([{ id: 'a', name: 'A', tags: ['x'] }]);
    });

    it('is asked for again when the first answers fail', async () => {
      answer = (...call) => (calls.length < 3 ? json(500, {}) : json(200, catalogue))(...call);
      expect(await inference.styles()).toHaveLength(1);
      expect(calls).toHaveLength(3);
    });

    it('is given up after three attempts', async () => {
      answer = json(503, { code: 'STARTING', detail: 'x' });
      expect((await failureOf(inference.styles())).kind).toBe('unavailable');
      expect(calls).toHaveLength(3);
    });

    it.each<[string, Answer]>([
      ['an HTML page', (response) => response.end('<h1>It works</h1>')],
      ['another shape', json(200, { styles: [] })],
      ['not found', json(404, {})],
    ])('is not taken when it is %s', async (_what, given) => {
      answer = given;
      expect((await failureOf(inference.styles())).kind).toBe('failed');
    });

    it('has a preview for a style that exists, and none for one that does not', async () => {
      answer = (response) => response.end('webp');
      expect((await inference.preview('../a b'))?.toString()).toBe('webp');
      expect(calls[0]?.url).toBe('/v1/styles/..%2Fa%20b/preview');
      answer = json(404, {});
      expect(await inference.preview('b')).toBeUndefined();
    });
  });

  describe('readiness', () => {
    it('is what the service says', async () => {
      answer = json(503, {});
      expect(await inference.isReady()).toBe(false);
      answer = json(200, {});
      expect(await inference.isReady()).toBe(true);
    });

    it('is not asked for again right after the service has worked', async () => {
      answer = picture(jpeg);
      await stylize();
      expect(await inference.isReady()).toBe(true);
      expect(calls).toHaveLength(1);
    });

    it('is asked for again after a call broke off', async () => {
      answer = picture(jpeg);
      await stylize();
      answer = (_response, request) => request.socket.resetAndDestroy();
      await failureOf(stylize());
      expect(await inference.isReady()).toBe(false);
    });
  });
});
