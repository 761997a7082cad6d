import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '@stylizer/common';
import { type NameServer, startNameServer } from '../../test/support/name-server.js';
import { type Receiver, startReceiver } from '../../test/support/receiver.js';
import { until } from '../../test/support/until.js';
import { configSchema } from '../config/config.js';
import { Outgoing, type OutgoingRequest } from './outgoing.js';

/** The receiver's network counts as public, and all else of loopback as inside. */
const OPEN = '127.0.0.1/32';

const ADDRESSES: Record<string, string[]> = {
  'good.test': ['127.0.0.1'],
  'xn--bcher-kva.test': ['127.0.0.1'],
  'inside.test': ['127.0.0.2'],
  'inside6.test': ['::1'],
  'metadata.test': ['169.254.169.254'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'nat64.test': ['64:ff9b::7f00:1'],
  'one-inside.test': ['127.0.0.1', '127.0.0.2'],
  'one-inside6.test': ['127.0.0.1', 'fd00::1'],
};

describe('a call to a URL of a user’s choosing', () => {
  let names: NameServer;
  let receiver: Receiver;
  let inside: Receiver;
  let usual: Receiver['answer'];

  beforeAll(async () => {
    names = await startNameServer((name, time) => {
      if (name === 'rebinding.test') return time === 1 ? ['127.0.0.1'] : ['127.0.0.2'];
      return ADDRESSES[name] ?? [];
    });
    receiver = await startReceiver();
    inside = await startReceiver('127.0.0.2');
    usual = receiver.answer;
  });
  afterEach(() => {
    receiver.answer = usual;
    receiver.received.length = 0;
    expect(inside.received).toEqual([]);
  });
  afterAll(() => Promise.all([names.close(), receiver.close(), inside.close()]));

  const outgoing = (env: Record<string, string> = {}) =>
    new Outgoing(
      loadConfig(configSchema, {
        DATABASE_URL: 'postgres://localhost/none',
        JWT_SECRET: 'a secret of the tests alone: 0123456789abcdef',
        OUTGOING_ALLOW_HTTP: 'true',
        OUTGOING_PORTS: '1-65535',
        OUTGOING_ALLOWED_NETWORKS: OPEN,
        OUTGOING_DNS_SERVERS: names.address,
        ...env,
      }),
    );
  const fetched = (
    url: string,
    request: Partial<OutgoingRequest> = {},
    env?: Record<string, string>,
  ) =>
    outgoing(env).fetch(url, {
      timeoutMs: 5_000,
      maxBytes: 1_000,
      beyond: () => new Error('too large'),
      ...request,
    });
  const at = (host: string, { port } = receiver, path = '/') => `http://${host}:${port}${path}`;

  it('reaches a name that leads outside, and sends nothing but what it must', async () => {
    receiver.answer = (_request, response) => void response.end('hello');
    const answer = await fetched(at('good.test'));
    expect([answer.status, String(answer.body)]).toEqual([200, 'hello']);
    expect(receiver.received).toEqual([
      {
        method: 'GET',
        path: '/',
        body: '',
        headers: {
          host: `good.test:${receiver.port}`,
          connection: expect.any(String),
          'user-agent': 'Stylizer/1',
          'accept-encoding': 'identity',
        },
      },
    ]);
  });

  it.each(['127.0.0.1', 'bücher.test', 'good.test.', 'GOOD.test'])('reaches %s', async (host) => {
    expect(await fetched(at(host))).toMatchObject({ status: 204 });
  });

  it.each([
    'inside.test',
    'inside6.test',
    'metadata.test',
    'mapped.test',
    'nat64.test',
    'one-inside.test',
    'one-inside6.test',
    'localhost.test',
    'api.localhost',
    '127.0.0.2',
    '[::1]',
  ])('refuses %s, in the words of a name that does not exist', async (host) => {
    const error = { code: 'URL_NOT_ALLOWED', message: expect.stringContaining('public address') };
    // Below localhost is 127.0.0.1, which is open here, and ::1.
    const env: Record<string, string> =
      host === 'api.localhost' ? { OUTGOING_ALLOWED_NETWORKS: '10.0.0.0/8' } : {};
    const unknown = await fetched(at('nowhere.test')).catch((reason: Error) => reason.message);
    await expect(fetched(at(host, inside), {}, env)).rejects.toMatchObject(error);
    await expect(fetched(at(host, inside), {}, env)).rejects.toThrow(String(unknown));
  });

  it('connects to the address that was checked, whatever the name says a moment later', async () => {
    const service = outgoing();
    const limits = { timeoutMs: 5_000, maxBytes: 10, beyond: 'cut' } as const;
    const url = at('rebinding.test', receiver);
    expect(await service.fetch(url, limits)).toMatchObject({ status: 204 });
    // One question of each kind: nobody asked again to connect.
    expect(names.asked.get('rebinding.test')).toBe(2);
    expect(receiver.received).toHaveLength(1);
    await expect(service.fetch(url, limits)).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
    expect(receiver.received).toHaveLength(1);
  });

  it('reuses no connection, so that a name that has moved inside is looked up again', async () => {
    const sockets = new Set<string>();
    receiver.answer = (_request, response) => {
      sockets.add(String(response.socket?.remotePort));
      response.end();
    };
    const service = outgoing();
    for (let call = 0; call < 3; call++)
      await service.fetch(at('good.test'), { timeoutMs: 5_000, maxBytes: 10, beyond: 'cut' });
    expect(sockets.size).toBe(3);
  });

  describe('that is redirected', () => {
    const redirectTo = (location: string, status = 302) => {
      receiver.answer = ({ path }, response) =>
        path === '/end'
          ? void response.end('end')
          : void response.writeHead(status, { location }).end();
    };

    it.each([301, 302, 303, 307, 308])('follows %s to another allowed address', async (status) => {
      redirectTo('/end', status);
      expect(String((await fetched(at('good.test'))).body)).toBe('end');
    });

    it.each([
      ['an address inside', () => at('127.0.0.2', inside)],
      ['a decimal address inside', () => at('2130706434', inside)],
      ['a name that leads inside', () => at('inside.test', inside)],
      ['localhost over IPv6', () => at('[::1]', inside)],
      ['another scheme', () => 'file:///etc/passwd'],
      ['credentials', () => at('a:b@good.test')],
      ['no URL', () => 'http://'],
    ])('is refused when it leads to %s', async (_what, location) => {
      redirectTo(location());
      await expect(fetched(at('good.test'))).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
    });

    it('is refused when it goes round in circles', async () => {
      redirectTo('/again');
      await expect(fetched(at('good.test'))).rejects.toMatchObject({ code: 'URL_UNREACHABLE' });
      expect(receiver.received).toHaveLength(4);
    });

    it('is not followed when something is posted', async () => {
      redirectTo('/end');
      const answer = await fetched(at('good.test'), { method: 'POST', body: '{}' });
      expect(answer.status).toBe(302);
      expect(receiver.received).toHaveLength(1);
    });
  });

  describe('whose answer has no good end', () => {
    it.each([
      ['says a large size', { 'content-length': '1001' }],
      ['does not say its size', undefined],
    ])('is refused beyond the limit when it %s', async (_what, headers) => {
      let sent = 0;
      receiver.answer = (_request, response) => {
        response.writeHead(200, headers);
        const more = () => {
          sent += 400;
          if (!response.destroyed) response.write(Buffer.alloc(400), more);
        };
        more();
      };
      await expect(fetched(at('good.test'))).rejects.toThrow('too large');
      await until(receiver.open, (open) => open === 0);
      expect(sent).toBeLessThan(10_000_000);
    });

    it('is cut at the limit when that is asked for', async () => {
      receiver.answer = (_request, response) => void response.end('x'.repeat(5_000));
      const { body } = await fetched(at('good.test'), { beyond: 'cut' });
      expect(body).toHaveLength(1_000);
    });

    it('counts each piece before it is kept', async () => {
      receiver.answer = (_request, response) => void response.end('x'.repeat(100));
      const onBytes = () => {
        throw new Error('no memory');
      };
      await expect(fetched(at('good.test'), { onBytes })).rejects.toThrow('no memory');
    });

    it('decompresses nothing: a bomb stays the few bytes that it is', async () => {
      const bomb = gzipSync(Buffer.alloc(100_000));
      receiver.answer = (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      expect((await fetched(at('good.test'))).body).toEqual(bomb);
    });

    it.each<[string, Receiver['answer']]>([
      ['never begins', () => undefined],
      ['never ends', (_request, response) => void response.writeHead(200).write('x')],
      [
        'comes a byte at a time',
        (_request, response) => {
          response.writeHead(200);
          const timer = setInterval(() => response.write('x'), 20);
          response.once('close', () => clearInterval(timer));
        },
      ],
    ])('is given up in time when it %s', async (_what, answer) => {
      receiver.answer = answer;
      const start = performance.now();
      await expect(fetched(at('good.test'), { timeoutMs: 300 })).rejects.toMatchObject({
        code: 'URL_UNREACHABLE',
        message: expect.stringContaining('too long'),
      });
      expect(performance.now() - start).toBeLessThan(4_000);
      await until(receiver.open, (open) => open === 0);
    });

    it('has one time limit for all of its redirects', async () => {
      receiver.answer = (_request, response) => {
        setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 200);
      };
      await expect(fetched(at('good.test'), { timeoutMs: 300 })).rejects.toThrow('too long');
    });

    it('ends when the caller says so, with the reason', async () => {
      receiver.answer = () => controller.abort(new Error('shutting down'));
      const controller = new AbortController();
      const { signal } = controller;
      await expect(fetched(at('good.test'), { signal })).rejects.toThrow('shutting down');
    });

    it('is unreachable when nobody listens, the connection is cut or nonsense comes back', async () => {
      const nobody = await startReceiver();
      await nobody.close();
      const error = { code: 'URL_UNREACHABLE', message: expect.not.stringMatching(/127\.|\d{4}/) };
      await expect(fetched(at('good.test', nobody))).rejects.toMatchObject(error);
      receiver.answer = (_request, response) => void response.socket?.destroy();
      await expect(fetched(at('good.test'))).rejects.toMatchObject(error);
      receiver.answer = (_request, response) => void response.socket?.end('SSH-2.0-OpenSSH\r\n');
      await expect(fetched(at('good.test'))).rejects.toMatchObject(error);
      receiver.answer = (_request, response) =>
        void response.writeHead(200, { 'x-large': 'x'.repeat(20_000) }).end();
      await expect(fetched(at('good.test'))).rejects.toMatchObject(error);
      const tls = `https://good.test:${receiver.port}/`;
      await expect(fetched(tls)).rejects.toMatchObject(error);
    });
  });

  describe('through a proxy', () => {
    const tunnels: string[] = [];
    const proxy = createServer();
    let env: Record<string, string>;

    beforeAll(async () => {
      proxy.on('connect', ({ url = '' }, socket: Socket) => {
        tunnels.push(url);
        if (url.startsWith('inside')) return socket.end('HTTP/1.1 407 Not Allowed\r\n\r\n');
        const target = connect(receiver.port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          target.pipe(socket).pipe(target);
        });
        target.on('error', () => socket.destroy());
        socket.on('error', () => target.destroy());
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      const { port } = proxy.address() as AddressInfo;
      env = { OUTGOING_PROXY: `http://127.0.0.1:${port}`, OUTGOING_ALLOWED_NETWORKS: '' };
    });
    afterAll(() => {
      proxy.closeAllConnections();
      proxy.close();
    });

    it('leaves names to the proxy', async () => {
      expect(await fetched(at('good.test'), {}, env)).toMatchObject({ status: 204 });
      expect(tunnels).toEqual([`good.test:${receiver.port}`]);
    });

    it('is refused when the proxy refuses, or without asking it for an address inside', async () => {
      const error = { code: 'URL_NOT_ALLOWED', message: expect.stringContaining('public address') };
      await expect(fetched(at('inside.test'), {}, env)).rejects.toMatchObject(error);
      tunnels.length = 0;
      for (const host of ['127.0.0.1', 'localhost', '[::1]'])
        await expect(fetched(at(host), {}, env)).rejects.toMatchObject(error);
      expect(tunnels).toEqual([]);
    });
  });
});
