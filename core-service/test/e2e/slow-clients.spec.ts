import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { IMAGE_HEAD, RawUpload, textPart } from '../support/raw-upload.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

// Hundreds of clients, and limits of seconds.
jest.setTimeout(90_000);

const DRIP_MS = 200;
const PROMPT_MS = 2_000;

/** Unlike `once`, does not mind a reset. */
const closeOf = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once('close', () => resolve()));

describe('slow clients', () => {
  let app: TestApp;
  const start = async (env: Record<string, string>) => {
    app = await startTestApp({ inference: new FakeInference(), worker: false, env });
  };
  afterEach(() => app.close());

  /** A connection that sends `head`, then `drip` again and again. */
  class Dripping {
    readonly socket: Socket;
    readonly closed: Promise<unknown>;
    received = '';

    constructor(head: string, drip: string) {
      this.socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      this.socket.on('error', () => undefined);
      this.socket.on('data', (chunk) => (this.received += chunk.toString()));
      this.socket.write(head);
      const timer = drip ? setInterval(() => this.socket.write(drip), DRIP_MS) : undefined;
      this.closed = closeOf(this.socket).finally(() => clearInterval(timer));
    }
  }

  /** The longest answer time in ms of a client that sends one request after the other until `end`. */
  const slowestUntil = async (end: Promise<unknown>): Promise<number> => {
    let running = true;
    void end.finally(() => (running = false));
    let slowest = 0;
    while (running) {
      const before = performance.now();
      await request(app.url).get('/v1/pricing').expect(200);
      slowest = Math.max(slowest, performance.now() - before);
    }
    return slowest;
  };
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      app.app
        .getHttpServer()
        .getConnections((error: Error | null, count: number) =>
          error ? reject(error) : resolve(count),
        ),
    );

  it('500 of them with headers that drip are closed, and another is served meanwhile', async () => {
    await start({ REQUEST_HEAD_SECONDS: '3' });
    const head = 'GET /v1/pricing HTTP/1.1\r\nHost: localhost\r\n';
    const slow = Array.from({ length: 500 }, () => new Dripping(head, 'X-A: b\r\n'));
    await until(connections, (count) => count >= 500);
    const allClosed = Promise.all(slow.map(({ closed }) => closed));
    expect(await slowestUntil(allClosed)).toBeLessThan(PROMPT_MS);
    for (const { received } of slow)
      expect(received).toMatch(/^HTTP\/1\.1 408 [^]+"code":"REQUEST_TIMEOUT"/);
    await until(connections, (count) => count <= 1);
  });

  it('500 of them that say nothing are closed', async () => {
    await start({ REQUEST_HEAD_SECONDS: '3' });
    const slow = Array.from({ length: 500 }, () => new Dripping('', ''));
    await until(connections, (count) => count >= 500);
    const allClosed = Promise.all(slow.map(({ closed }) => closed));
    expect(await slowestUntil(allClosed)).toBeLessThan(PROMPT_MS);
  });

  it('500 of them with bodies that drip are closed', async () => {
    await start({ REQUEST_IDLE_SECONDS: '2' });
    const head =
      'POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n{';
    const slow = Array.from({ length: 500 }, () => new Dripping(head, ' '));
    const allClosed = Promise.all(slow.map(({ closed }) => closed));
    expect(await slowestUntil(allClosed)).toBeLessThan(PROMPT_MS);
  });

  it('400 half-sent uploads of one account are closed, those beyond the limit with an answer', async () => {
    // Longer than it takes to send all of them.
    await start({ REQUEST_IDLE_SECONDS: '15', UPLOADS_PER_ACCOUNT: '20' });
    const user = await registered(app);
    const uploads = Array.from({ length: 400 }, () => new RawUpload(app, user));
    await Promise.all(
      uploads.map((upload) => upload.send(textPart('style', 'starry-night') + IMAGE_HEAD + 'half')),
    );
    const ends = await Promise.all(
      uploads.map((upload) => upload.answer().catch(() => ({ status: 0, body: {} }))),
    );
    expect(ends.filter(({ status }) => status === 429)).toHaveLength(380);
    expect(ends.filter(({ status }) => status === 0)).toHaveLength(20);
    await until(connections, (count) => count === 0);
    // And the account may upload again.
    const upload = new RawUpload(app, user);
    await upload.send(textPart('image', 'not a file'));
    upload.end();
    expect(await upload.answer()).toMatchObject({ status: 400 });
  });

  it('that were answered before their body came are closed too', async () => {
    await start({ REQUEST_IDLE_SECONDS: '2' });
    const head =
      'POST /v1/transformations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n';
    const form = 'Content-Type: multipart/form-data; boundary=x\r\n\r\n--x';
    const slow = new Dripping(head + form, 'y');
    await slow.closed;
    expect(slow.received).toContain('"code":"UNAUTHENTICATED"');
  });

  it('whose whole request takes too long are closed, however steady they are', async () => {
    await start({ REQUEST_SECONDS: '3', REQUEST_HEAD_SECONDS: '3', REQUEST_IDLE_BYTES: '1' });
    const head =
      'POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n{';
    await new Dripping(head, ' ').closed;
  });
});

describe('connections', () => {
  let app: TestApp;
  afterEach(() => app.close());
  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    return socket.resume();
  };
  const isServed = (socket: Socket) =>
    new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true));
      socket.once('close', () => resolve(false));
      socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    });

  it('of one address beyond the limit are closed, and there is room again later', async () => {
    app = await startTestApp({
      inference: new FakeInference(),
      worker: false,
      env: { MAX_CONNECTIONS_PER_ADDRESS: '5' },
    });
    const sockets = await Promise.all(Array.from({ length: 8 }, open));
    const served = await Promise.all(sockets.map(isServed));
    expect(served.filter(Boolean)).toHaveLength(5);
    for (const socket of sockets) socket.destroy();
    await until(async () => isServed(await open()), Boolean);
  });

  it('are not counted behind proxies, whose address it would be', async () => {
    app = await startTestApp({
      inference: new FakeInference(),
      worker: false,
      env: { MAX_CONNECTIONS_PER_ADDRESS: '2', TRUSTED_PROXIES: '1' },
    });
    const served = await Promise.all(Array.from({ length: 6 }, async () => isServed(await open())));
    expect(served).toEqual(Array(6).fill(true));
  });

  it.each<[string, number, string, string]>([
    [
      'a head over 16 KB',
      431,
      'HEADERS_TOO_LARGE',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    [
      'headers without end',
      431,
      'HEADERS_TOO_LARGE',
      `GET / HTTP/1.1\r\nHost: a\r\n${'A: b\r\n'.repeat(4_000)}\r\n`,
    ],
    ['what is not HTTP', 400, 'MALFORMED_REQUEST', 'hello\r\n\r\n'],
    [
      'two lengths',
      400,
      'MALFORMED_REQUEST',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
  ])('with %s get %i and a code', async (_what, status, code, bytes) => {
    app = await startTestApp({ inference: new FakeInference(), worker: false });
    const socket = await open();
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.write(bytes);
    await closeOf(socket);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code, detail: expect.stringMatching(/\S/) });
  });
});
