import { randomUUID } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { heavyJpeg } from '../factories/hostile-images.js';
import { createDocument } from '../../src/app/document.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { MANY, useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import { IMAGE_HEAD, RawUpload, textPart } from '../support/raw-upload.js';
import { tracesOf, uploadMemory } from '../support/traces.js';
import { until } from '../support/until.js';

const password = 'correct horse battery';
const PLAIN = { inference: new FakeInference(), worker: false };

describe('limits by address', () => {
  const app = useTestApp({
    ...PLAIN,
    env: {
      RATE_LIMIT_AUTH_PER_MINUTE: '20',
      RATE_LIMIT_REGISTER_PER_MINUTE: '4',
      RATE_LIMIT_REGISTER_NETWORK_PER_MINUTE: '6',
      TRUSTED_PROXIES: '1',
    },
  });
  const register = (address: string) =>
    request(app.url)
      .post('/v1/auth/register')
      .set('x-forwarded-for', address)
      .send({ email: `${randomUUID()}@example.com`, password });
  const statuses = async (addresses: string[]) =>
    (await Promise.all(addresses.map((address) => register(address)))).map(({ status }) => status);
  const hosts = (count: number, host: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => host(i));

  it('count registrations by IPv4 network', async () => {
    const tried = await statuses(hosts(9, (i) => `192.0.2.${i}`));
    expect(tried.filter((status) => status === 201)).toHaveLength(6);
    expect(tried.filter((status) => status === 429)).toHaveLength(3);
    expect(await statuses(['192.0.3.1'])).toEqual([201]);
  });

  it('count an IPv6 customer as one address', async () => {
    const tried = await statuses(hosts(6, (i) => `2001:db8:0:7:${i}::1`));
    expect(tried.filter((status) => status === 201)).toHaveLength(4);
    expect(await statuses(['2001:db8:0:8::1'])).toEqual([201]);
  });

  it('count every route for signing in and up', async () => {
    const { paths } = createDocument(app.app);
    const routes = Object.entries(paths).filter(([path]) => path.startsWith('/v1/auth/'));
    expect(routes.length).toBeGreaterThan(15);
    for (const [path, item] of routes) {
      if ('get' in item && path.endsWith('/providers')) continue;
      const address = `198.51.100.${routes.findIndex(([other]) => other === path)}`;
      const method = 'get' in item ? 'get' : 'post';
      const sent = request(app.url)[method](path.replace('{provider}', 'none'));
      const { headers } = await sent.set('x-forwarded-for', address);
      expect([path, headers['ratelimit-policy']]).toEqual([
        path,
        expect.stringContaining('"auth"'),
      ]);
    }
  });

  it('say how much is left, and what they count', async () => {
    const { headers } = await register('203.0.113.1').expect(201);
    expect(headers['ratelimit-policy']).toBe(
      '"auth";q=20;w=60, "register";q=4;w=60, "register-network";q=6;w=60',
    );
    expect(headers['ratelimit']).toMatch(
      /^"auth";r=19;t=(60|59), "register";r=3;t=(60|59), "register-network";r=5;t=(60|59)$/,
    );
    for (let i = 0; i < 3; i++) await register('203.0.113.1').expect(201);
    const refused = await register('203.0.113.1');
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(refused.headers['ratelimit']).toMatch(/"register";r=0;t=\d+$/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
  });

  it.each<[string, (address: string) => request.Test]>([
    [
      'login',
      (address) => post('login', address, { email: `${randomUUID()}@example.com`, password }),
    ],
    ['refresh', (address) => post('refresh', address, { refreshToken: 'x' })],
    ['logout', (address) => post('logout', address, { refreshToken: 'x' })],
  ])('hold for %s', async (path, send) => {
    const address = `203.0.114.${path.length}`;
    const tried = await Promise.all(Array.from({ length: 25 }, () => send(address)));
    expect(tried.filter(({ status }) => status === 429)).toHaveLength(5);
    const refused = tried.find(({ status }) => status === 429);
    expect(refused?.headers['ratelimit']).toMatch(/^"auth";r=0;t=\d+$/);
  });
  const post = (path: string, address: string, body: object) =>
    request(app.url).post(`/v1/auth/${path}`).set('x-forwarded-for', address).send(body);

  it('take the address that our proxy saw, whatever the client wrote before it', async () => {
    const tried = await statuses(hosts(6, (i) => `10.0.${i}.1, ::1, garbage, 198.51.100.9`));
    expect(tried.filter((status) => status === 201)).toHaveLength(4);
  });
});

describe('a forged X-Forwarded-For', () => {
  const app = useTestApp({ ...PLAIN, env: { RATE_LIMIT_REGISTER_PER_MINUTE: '4' } });
  it('changes nothing without proxies', async () => {
    const tried = await Promise.all(
      Array.from({ length: 7 }, (_, i) =>
        request(app.url)
          .post('/v1/auth/register')
          .set({
            'x-forwarded-for': `10.0.${i}.1`,
            'x-real-ip': `10.0.${i}.1`,
            forwarded: `for=10.0.${i}.1`,
          })
          .send({ email: `${randomUUID()}@example.com`, password }),
      ),
    );
    expect(tried.filter(({ status }) => status === 201)).toHaveLength(4);
  });
});

describe('the requests of one account', () => {
  const app = useTestApp({ ...PLAIN, env: { RATE_LIMIT_REQUESTS_PER_MINUTE: '12' } });
  let user: TestUser;
  beforeEach(async () => {
    user = await registered(app);
  });
  const left = (headers: Record<string, string>) =>
    Number(/"requests";r=(\d+)/.exec(headers['ratelimit'] ?? '')?.[1]);

  it('are counted, and refused when there are too many', async () => {
    const { headers } = await user.get('/v1/me').expect(200);
    expect(headers['ratelimit-policy']).toBe('"requests";q=12;w=60');
    expect(headers['ratelimit']).toMatch(/^"requests";r=11;t=(60|59)$/);
    for (let i = 10; i >= 0; i--)
      expect(left((await user.get('/v1/tokens/balance')).headers)).toBe(i);
    const refused = await user.get('/v1/me');
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(refused.headers['ratelimit']).toMatch(/^"requests";r=0;t=\d+$/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    // Another account is not concerned, and what needs no account is not counted.
    await (await registered(app)).get('/v1/me').expect(200);
    expect((await request(app.url).get('/v1/pricing')).headers).not.toHaveProperty('ratelimit');
  });

  it('cost more with large images', async () => {
    const large = await heavyJpeg(5_000_000);
    const { headers } = await user.submit(large).set('prefer', 'respond-async').expect(202);
    expect(headers['ratelimit-policy']).toBe('"requests";q=12;w=60, "submit";q=600;w=60');
    expect(left(headers)).toBe(11);
    const points = await until(
      async () => left((await user.get('/v1/me')).headers),
      (now) => now <= 6,
    );
    expect(points).toBeGreaterThanOrEqual(4);
  });
});

describe('what one account holds open', () => {
  const env = {
    EVENT_STREAMS_PER_ACCOUNT: '2',
    WAITING_SUBMISSIONS_PER_ACCOUNT: '2',
    UPLOADS_PER_ACCOUNT: '2',
  };
  const app = useTestApp({ ...PLAIN, env });
  const user = useUser(app, beforeEach, MANY);
  let image: Buffer;
  beforeAll(async () => {
    image = await picture();
  });

  const follow = async (id: string, who: TestUser = user): Promise<IncomingMessage> => {
    const asking = get(`${app.url}/v1/transformations/${id}/events`, {
      agent: false,
      headers: { authorization: `Bearer ${who.accessToken}` },
    });
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return response.resume();
  };

  it('is at most so many event streams', async () => {
    const id = await user.enqueue(image);
    const open = [await follow(id), await follow(id)];
    expect(open.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    const refused = await user.get(`/v1/transformations/${id}/events`);
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(refused.body.detail).toContain('2 event streams');
    expect(refused.headers['retry-after']).toBe('5');
    // Each account has its own.
    const other = await registered(app);
    const theirs = await follow(await other.enqueue(image), other);
    expect(theirs.statusCode).toBe(200);
    theirs.destroy();
    // A stream that ends makes room.
    open[0]?.destroy();
    const next = await until(
      () => follow(id),
      ({ statusCode }) => statusCode === 200,
    );
    next.destroy();
    open[1]?.destroy();
  });

  it('is at most so many waiting submissions, and a refused one costs nothing', async () => {
    const waiting = [1, 2].map(() =>
      user
        .submit(image)
        .set('prefer', 'wait=60')
        .then(({ status }) => status),
    );
    const held = await until(
      async () => (await user.get('/v1/transformations')).body.items,
      (items) =>
        items.length === 2 && items.every((item: { status: string }) => item.status === 'pending'),
    );
    const before = await tracesOf(app, user);
    const refused = await user.submit(image);
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(await tracesOf(app, user)).toEqual(before);
    await user.submit(image).set('prefer', 'respond-async').expect(202);
    await user.submit(image).set('prefer', 'wait=0').expect(202);
    for (const { id } of held) await user.post(`/v1/transformations/${id}/cancel`).expect(200);
    expect(await Promise.all(waiting)).toEqual([409, 409]);
    await user.submit(image).set('prefer', 'wait=1').expect(202);
  });

  it('is at most so many uploads', async () => {
    const uploads = [new RawUpload(app, user), new RawUpload(app, user)];
    for (const upload of uploads) {
      await upload.send(textPart('style', 'starry-night') + IMAGE_HEAD);
      await upload.send(Buffer.alloc(1_000_000, 1));
    }
    // Both are being received.
    await until(
      () => uploadMemory(app),
      (bytes) => bytes === 2_000_000,
    );
    const refused = await user.submit(image).set('prefer', 'respond-async');
    expectProblem(refused, 429, 'RATE_LIMITED');
    expectProblem(await user.createStyle(image), 429, 'RATE_LIMITED');
    uploads[0]?.hangUp();
    await until(
      () => user.submit(image).set('prefer', 'respond-async'),
      ({ status }) => status === 202,
    );
    uploads[1]?.hangUp();
  });
});
