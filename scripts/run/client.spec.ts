import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from './client.js';

const JPEG = 'the picture';
const PATH = '/v1/transformations';

describe('the client of the API', () => {
  let server: Server;
  let url: string;
  /** The transformation's state in each answer. */
  let states: object[];
  let answer: (response: ServerResponse) => void;
  let asked: string[];

  const stillAtIt = (response: ServerResponse) =>
    response
      .writeHead(202, {
        'content-type': 'application/json',
        'x-transformation-id': 'one',
        'x-tokens-charged': '40',
      })
      .end('{"status":"processing"}');
  const jpeg = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(JPEG);

  beforeEach(async () => {
    asked = [];
    answer = stillAtIt;
    server = createServer((request: IncomingMessage, response) => {
      request.resume().once('end', () => {
        asked.push(request.url ?? '');
        if (request.method === 'POST') answer(response);
        else if (request.url === `${PATH}/one/result`) jpeg(response);
        else
          response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify(states.length > 1 ? states.shift() : states[0]));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.close();
    await once(server, 'close');
  });

  const stylize = (patienceMs?: number) =>
    new Client(url, patienceMs).stylize(new Blob(['a photo']), 'starry-night');

  it('returns the image from the answer', async () => {
    answer = jpeg;
    expect((await stylize()).jpeg.toString()).toBe(JPEG);
    expect(asked).toEqual([PATH]);
  });

  it('polls a transformation that takes longer than the service waits', async () => {
    states = [{ status: 'pending' }, { status: 'processing' }, { status: 'completed' }];
    const { jpeg, charged, id, totalMs } = await stylize();
    expect(jpeg.toString()).toBe(JPEG);
    expect({ charged, id }).toEqual({ charged: 40, id: 'one' });
    expect(totalMs).toBeGreaterThan(400);
    expect(asked.slice(1)).toEqual([
      ...Array.from({ length: 3 }, () => `${PATH}/one`),
      `${PATH}/one/result`,
    ]);
  });

  it('polls a transformation that stays queued while inference is down', async () => {
    answer = (response) =>
      response
        .writeHead(503, {
          'content-type': 'application/problem+json',
          'x-transformation-id': 'one',
        })
        .end('{}');
    states = [{ status: 'processing' }, { status: 'completed' }];
    expect((await stylize()).jpeg.toString()).toBe(JPEG);
  });

  it('reports why an image is refused', async () => {
    answer = (response) =>
      response
        .writeHead(402, { 'content-type': 'application/problem+json' })
        .end('{"code":"INSUFFICIENT_TOKENS"}');
    await expect(stylize()).rejects.toThrow('got 402:\n{"code":"INSUFFICIENT_TOKENS"}');
  });

  it('reports why a transformation failed', async () => {
    states = [{ status: 'failed', error: { code: 'X', detail: 'The picture is no picture.' } }];
    await expect(stylize()).rejects.toThrow('one failed: The picture is no picture.');
  });

  it('gives up after its time limit', async () => {
    states = [{ status: 'processing' }];
    await expect(stylize(100)).rejects.toThrow('one is still processing: given up.');
  });
});
