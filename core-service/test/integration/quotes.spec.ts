import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { Quotes } from '../../src/transformations/quoting/quotes.service.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const UNKNOWN = '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f';
const STYLE = { style: 'starry-night' };

describe('a quote', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });
  // Passport's strategies are those of the app that was built last, so it has to live as long as the tests.
  let dearer: TestApp;
  beforeAll(async () => {
    const env = { PRICE_BASE_TOKENS: '50' };
    const options = { inference: new FakeInference(), worker: false, env };
    dearer = await startTestApp({ ...options, databaseUrl: app.databaseUrl });
  });
  afterAll(() => dearer.close());
  const user = useUser(app, beforeAll, 1_000);
  const ask = (body: object) => user.post('/v1/transformations/quote').send(body);
  const submit = async (quoteId: string, size = { width: 96, height: 64 }) =>
    user
      .submit(await picture(size))
      .field('quoteId', quoteId)
      .set('prefer', 'respond-async');

  it.each([
    [{ width: 96, height: 64 }, 10, { width: 96, height: 64 }],
    [{ width: 4000, height: 3000 }, 35, { width: 4000, height: 3000 }],
    [{ width: 4000, height: 3000, maxSize: 1024 }, 10, { width: 1024, height: 768 }],
    [{ width: 1000, height: 1000, maxSize: 4000 }, 45, { width: 4000, height: 4000 }],
  ])('of %j is %i tokens', async (size, price, output) => {
    const { body } = await ask({ ...size, ...STYLE }).expect(200);
    const later = expect.stringMatching(/Z$/);
    expect(body).toEqual({ id: expect.any(String), price, ...output, expiresAt: later });
    const minutes = (Date.parse(body.expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(14);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  it('costs nothing, and takes styles in every form of a submission', async () => {
    const before = await user.balance();
    const size = { width: 100, height: 100 };
    await ask({ ...size, style: ['starry-night'] }).expect(200);
    await ask({ ...size, styles: [{ id: 'starry-night', weight: 0.7 }] }).expect(200);
    expect(await user.balance()).toEqual(before);
  });

  it('is what the transformation costs, though prices have risen since', async () => {
    const { body: quote } = await ask({ width: 96, height: 64, ...STYLE }).expect(200);
    const there = client(dearer, user);
    const image = await picture();
    const quoted = there.submit(image).field('quoteId', quote.id).set('prefer', 'respond-async');
    const response = await quoted.expect(202);
    expect(response.headers['x-tokens-charged']).toBe('10');
    expect(response.body.price).toBe(10);
    const unquoted = await there.submit(image).set('prefer', 'respond-async').expect(202);
    expect(unquoted.body.price).toBe(50);
  });

  it('is for outputs up to its size', async () => {
    const { body } = await ask({ width: 96, height: 64, ...STYLE }).expect(200);
    expect((await submit(body.id, { width: 32, height: 32 })).status).toBe(202);
    const before = await user.balance();
    expectProblem(await submit(body.id, { width: 97, height: 64 }), 422, 'QUOTE_MISMATCH');
    expect(await user.balance()).toEqual(before);
  });

  it('of somebody else, unknown or expired, does not exist', async () => {
    const other = await registered(app);
    const { body } = await other
      .post('/v1/transformations/quote')
      .send({ width: 96, height: 64, ...STYLE })
      .expect(200);
    expectProblem(await submit(body.id), 404, 'QUOTE_NOT_FOUND');
    expectProblem(await submit(UNKNOWN), 404, 'QUOTE_NOT_FOUND');
    expectProblem(await submit('cheap'), 400, 'VALIDATION_FAILED');

    const { body: mine } = await ask({ width: 96, height: 64, ...STYLE }).expect(200);
    await app.dataSource.query(`UPDATE quotes SET expires_at = now() WHERE id = $1`, [mine.id]);
    expectProblem(await submit(mine.id), 404, 'QUOTE_NOT_FOUND');
    expect(await app.app.get(Quotes).deleteExpired(100)).toBe(1);
  });

  it('is part of the request that an idempotency key stands for', async () => {
    const { body: quote } = await ask({ width: 96, height: 64, ...STYLE });
    const send = async (quoteId: string) =>
      user
        .submit(await picture())
        .field('quoteId', quoteId)
        .set({ prefer: 'respond-async', 'idempotency-key': 'quoted' });
    expect((await send(quote.id)).status).toBe(202);
    expect((await send(quote.id)).headers['idempotency-replayed']).toBe('true');
    expectProblem(await send(UNKNOWN), 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  it.each([
    ['no style', {}],
    ['two kinds of style', { ...STYLE, styles: [{ id: 'starry-night' }] }],
    ['no size', { width: undefined }],
    ['a size of zero', { ...STYLE, width: 0 }],
    ['a fraction of a pixel', { ...STYLE, width: 99.5 }],
    ['a size as text', { ...STYLE, width: '99' }],
    ['a side beyond what a JPEG can have', { ...STYLE, width: 70_000 }],
    ['more pixels than the limit', { ...STYLE, width: 60_000, height: 60_000, maxSize: 100 }],
    ['a larger output than the limit', { ...STYLE, width: 16, height: 16, maxSize: 16_000 }],
    ['a price of its own', { ...STYLE, price: 1 }],
  ])('with %s is refused', async (_what, body) => {
    const size = { width: 96, height: 64 };
    expectProblem(await ask({ ...size, ...body }), 400, 'VALIDATION_FAILED');
  });

  it('of an unknown style is refused, and nobody gets one without signing in', async () => {
    const body = { width: 96, height: 64, style: 'no-such-style' };
    expectProblem(await ask(body), 404, 'STYLE_NOT_FOUND');
    const stranger = await request(app.url).post('/v1/transformations/quote').send(body);
    expectProblem(stranger, 401, 'UNAUTHENTICATED');
  });
});
