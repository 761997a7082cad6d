import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { withScratchFile } from '../storage/scratch-file.js';
import { HttpInference } from './http-inference.js';
import type { Picture } from './inference.js';

/** No JPEG but for what is looked at: its first and last bytes. */
const JPEG = Buffer.from([0xff, 0xd8, 1, 2, 3, 4, 0xff, 0xd9]);

describe('a picture on its way to the inference service and back', () => {
  let server: Server;
  let inference: HttpInference;
  let hasty: HttpInference;
  /** To every call, at its head. */
  let conduct: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    server = createServer((request, response) => conduct(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const INFERENCE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    inference = new HttpInference({ INFERENCE_URL, INFERENCE_TIMEOUT_SECONDS: 30 });
    hasty = new HttpInference({ INFERENCE_URL, INFERENCE_TIMEOUT_SECONDS: 0.2 });
  });
  beforeEach(() => {
    conduct = (request, response) => void buffer(request).then(() => paint(response));
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  const paint = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(JPEG);
  const whole = (): Picture => ({ stream: Readable.from([JPEG]), bytes: JPEG.length });
  /** A megabyte of which only the beginning ever comes. */
  const stuck = (): Picture => {
    const stream = new Readable({ read: () => undefined });
    stream.push(JPEG);
    return { stream, bytes: 1_000_000 };
  };
  const stylize = (
    image: Picture,
    { from = inference, target, onProgress = () => undefined }: Partial<Call> = {},
  ) => {
    const into = (file: FileHandle) =>
      from.stylize(
        image,
        { styles: [{ id: 'starry-night' }] },
        { requestId: 'r', signal: new AbortController().signal, onProgress, target: file },
      );
    return target ? into(target) : withScratchFile(into);
  };
  interface Call {
    from: HttpInference;
    target: FileHandle;
    onProgress(done: number, total: number): void;
  }

  it('uses a connection again', async () => {
    const ports: (number | undefined)[] = [];
    conduct = (request, response) => {
      ports.push(request.socket.remotePort);
      void buffer(request).then(() => paint(response));
    };
    await stylize(whole());
    await stylize(whole());
    expect(ports[0]).toBe(ports[1]);
  });

  it('is given up when it does not come in time, and the service hears of it', async () => {
    const hungUp = Promise.withResolvers<undefined>();
    conduct = (request) => {
      request.on('error', () => undefined);
      request.once('close', () => hungUp.resolve(undefined));
    };
    const image = stuck();
    await expect(stylize(image, { from: hasty })).rejects.toMatchObject({ kind: 'failed' });
    await hungUp.promise;
    expect(image.stream.destroyed).toBe(true);
  });

  it('is a failed attempt when it breaks off while it is read', async () => {
    const stream = Readable.from(
      (function* () {
        yield JPEG;
        throw new Error('the disk is broken');
      })(),
    );
    let ended = 0;
    conduct = (request) => request.on('error', () => undefined).on('end', () => ended++);
    await expect(stylize({ stream, bytes: 1_000 })).rejects.toMatchObject({ kind: 'failed' });
    expect(ended).toBe(0);
  });

  it('may be refused before all of it has been sent', async () => {
    conduct = (_request, response) =>
      response.writeHead(503).end(JSON.stringify({ code: 'STARTING', detail: 'Not yet.' }));
    const image = stuck();
    await expect(stylize(image)).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'Not yet.',
    });
    expect(image.stream.destroyed).toBe(true);
    conduct = (request, response) => void buffer(request).then(() => paint(response));
    expect((await stylize(whole())).bytes).toBe(JPEG.length);
  });

  it('is told to have no room', async () => {
    const target = await open('/dev/full', 'w');
    try {
      await expect(stylize(whole(), { target })).rejects.toMatchObject({
        kind: 'failed',
        message: 'the disk is full (ENOSPC)',
      });
    } finally {
      await target.close();
    }
  });

  describe('by tiles tells', () => {
    const heardFrom = async (...headers: string[]) => {
      const told: [number, number][] = [];
      conduct = (request, response) => {
        for (const header of headers)
          response.writeEarlyHints({
            link: '</v1/stylize>; rel="self"',
            'stylizer-progress': header,
          });
        void buffer(request).then(() => paint(response));
      };
      const onProgress = (done: number, total: number) => told.push([done, total]);
      expect((await stylize(whole(), { onProgress })).bytes).toBe(JPEG.length);
      return told;
    };

    it('how many are done before it comes', async () => {
      expect(await heardFrom('0/12', '5/12', '12/12')).toEqual([
        [0, 12],
        [5, 12],
        [12, 12],
      ]);
    });

    it('nothing that makes no sense', async () => {
      const nonsense = ['', '5', '5/', '-1/12', '13/12', '0/0', '1e3/9999', '1/12345678', 'a/b'];
      expect(await heardFrom(...nonsense, '1/12')).toEqual([[1, 12]]);
    });
  });
});
