import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';

const ID = '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f';

describe('an invalid request', () => {
  const app = useTestApp({ worker: false });
  const user = useUser(app, beforeAll);

  const login = (body: string) =>
    request(app.url).post('/v1/auth/login').set('content-type', 'application/json').send(body);

  it.each([
    ['/v1/transformations?cursor=nonsense', 'cursor'],
    ['/v1/transformations?cursor=', 'cursor'],
    ['/v1/transformations?cursor=AAAA&cursor=BBBB', 'cursor'],
    [`/v1/transformations?cursor=${ID}`, 'cursor'],
    ['/v1/tokens/entries?cursor=%00', 'cursor'],
    ['/v1/transformations?limit=0', 'limit'],
    ['/v1/transformations?limit=101', 'limit'],
    ['/v1/transformations?limit=1.5', 'limit'],
    ['/v1/transformations?limit=many', 'limit'],
    ['/v1/tokens/entries?limit=101', 'limit'],
    ['/v1/transformations?status=lost', 'status'],
    ['/v1/transformations?page=2', 'page'],
    ['/v1/tokens/entries?userId=1', 'userId'],
  ])('is refused, naming the invalid parameter: %s', async (path, name) => {
    const response = await user.get(path);
    expectProblem(response, 400, 'VALIDATION_FAILED');
    expect(response.body.errors.map((error: { path: string }) => error.path)).toContain(name);
  });

  it.each(['1', 'not-an-id', `${ID}0`, '%00', "' OR 1=1 --", '..%2f..%2fetc%2fpasswd'])(
    'is refused for a malformed id: %s',
    async (id) => {
      const path = `/v1/transformations/${id.includes('%') ? id : encodeURIComponent(id)}`;
      const response = await user.get(path);
      expectProblem(response, 400, 'VALIDATION_FAILED');
      expect(response.body.errors).toEqual([{ path: 'id', message: 'is not a UUID' }]);
    },
  );

  it('answers 404 for an unknown id', async () => {
    expectProblem(await user.get(`/v1/transformations/${ID}`), 404, 'NOT_FOUND');
  });

  it.each(['/', '/v1', '/v2/transformations', '/v1/transformations/', '/.env', '/metrics'])(
    'answers 404 at %s',
    async (path) => {
      expectProblem(await user.get(path), 404, 'NOT_FOUND');
    },
  );

  it('is refused when the path is not a valid URL', async () => {
    expectProblem(await user.get('/v1/%zz'), 400, 'VALIDATION_FAILED');
  });

  it('is refused when a path segment is longer than any id', async () => {
    const response = await user.get(`/v1/transformations/${'a'.repeat(1_000)}`);
    expectProblem(response, 414, 'BAD_REQUEST');
  });

  it.each([
    ['put', '/v1/transformations', 'GET, HEAD, POST'],
    ['patch', '/v1/me', 'DELETE, GET, HEAD'],
    ['delete', '/v1/tokens/balance', 'GET, HEAD'],
    ['get', '/v1/auth/login', 'POST'],
    ['options', `/v1/transformations/${ID}?x=1`, 'DELETE, GET, HEAD'],
    ['post', `/v1/transformations/${ID}/result`, 'GET, HEAD'],
  ] as const)('answers 405 with the allowed methods: %s %s', async (method, path, allow) => {
    const response = await request(app.url)[method](path);
    expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
    expect(response.headers.allow).toBe(allow);
  });

  it.each(['/v1', '/v1/transformationsx', `/v1/transformations/${ID}/nothing`])(
    'answers 404 to every method at an unknown path: %s',
    async (path) => {
      expectProblem(await request(app.url).post(path), 404, 'NOT_FOUND');
    },
  );

  it.each(['{', '{"email": ', 'null', '[]', '"text"', '1', ''])(
    'is refused for a body of the wrong type: %j',
    async (body) => {
      expectProblem(await login(body), 400, 'VALIDATION_FAILED');
    },
  );

  it('is refused for a body that tries to set a prototype', async () => {
    const body = '{"email":"a@b.de","password":"0123456789","__proto__":{"role":"operator"}}';
    expectProblem(await login(body), 400, 'VALIDATION_FAILED');
  });

  it('is refused for an unknown field, naming its path', async () => {
    const response = await request(app.url)
      .post('/v1/auth/register')
      .send({ email: 'a@example.com', password: 'correct horse battery', role: 'operator' });
    expectProblem(response, 400, 'VALIDATION_FAILED');
    expect(response.body.errors).toEqual([
      { path: 'role', message: 'is not a field of this route' },
    ]);
  });

  it('is refused for an oversized body', async () => {
    const body = JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(200_000) });
    expectProblem(await login(body), 413, 'PAYLOAD_TOO_LARGE');
  });

  it('is refused for a body that is not JSON', async () => {
    const response = await request(app.url)
      .post('/v1/auth/login')
      .set('content-type', 'text/xml')
      .send('<email/>');
    expectProblem(response, 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('is refused when it is not HTTP, and the next request is served', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('HELO mail.example.com\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    await request(app.url).get('/health/live').expect(200);
  });

  describe('with a request id', () => {
    it('gets a valid id echoed', async () => {
      const response = await request(app.url)
        .get('/v1/nowhere')
        .set('x-request-id', 'trace:1.2-3_x');
      expect(response.headers['x-request-id']).toBe('trace:1.2-3_x');
      expectProblem(response, 404, 'NOT_FOUND');
      expect(response.body.requestId).toBe('trace:1.2-3_x');
    });

    it.each(['', 'a b', '<script>', 'x'.repeat(129), 'ä', '"'])(
      'gets a new id for an invalid one: %j',
      async (name) => {
        const response = await request(app.url).get('/v1/nowhere').set('x-request-id', name);
        expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
        expectProblem(response, 404, 'NOT_FOUND');
      },
    );

    it('never shares a generated id with another request', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => request(app.url).get('/health/live')),
      );
      expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(20);
    });
  });
});
