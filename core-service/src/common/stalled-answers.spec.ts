import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { until } from '../../test/support/until.js';
import { closeStalledAnswers } from './stalled-requests.js';

describe('a streamed answer', () => {
  const server = Fastify();
  const endless = () =>
    new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
  beforeAll(async () => {
    closeStalledAnswers(server, { REQUEST_IDLE_SECONDS: 2, REQUEST_IDLE_BYTES: 1_024 });
    server.get('/endless', (_request, reply) => reply.send(endless()));
    server.get('/quiet', (_request, reply) => reply.send(new Readable({ read: () => undefined })));
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => server.close());
  const open = (path: string) => {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return socket;
  };
  const connections = () =>
    new Promise<number>((resolve) => server.server.getConnections((_, count) => resolve(count)));

  it('that nobody reads is cut off; one that is read, or has nothing to say, goes on', async () => {
    const reading = open('/endless').resume();
    const quiet = open('/quiet').resume();
    const unread = open('/endless');
    await until(connections, (count) => count === 3);
    await until(connections, (count) => count === 2);
    await once(reading, 'data');
    unread.resume();
    await once(unread, 'close');
    expect([reading.destroyed, quiet.destroyed]).toEqual([false, false]);
    reading.destroy();
    quiet.destroy();
  });
});
