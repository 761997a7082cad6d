import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import sharp from 'sharp';
import { picture } from '../factories/images.js';
import { useTestApp, useUser } from '../support/fixtures.js';

describe('from sign-up to a stylized JPG', () => {
  const app = useTestApp();
  const user = useUser(app, beforeAll);

  it('grants a new user 100 tokens, recorded in the ledger', async () => {
    const { body } = await user.get('/v1/tokens/entries').expect(200);
    expect(body.items).toEqual([
      expect.objectContaining({ kind: 'signup_grant', amount: 100, balanceAfter: 100 }),
    ]);
  });

  it('answers with the JPG when the client asks for one', async () => {
    const image = await picture({ width: 120, height: 80 });
    const response = await user
      .submit(image)
      .set('accept', 'image/jpeg')
      .expect(200)
      .expect('content-type', 'image/jpeg')
      .expect('x-tokens-charged', '10')
      .expect('x-tokens-available', '90');
    const { format, width, height } = await sharp(response.body as Buffer).metadata();
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 120, height: 80 });
    expect(await user.balance()).toEqual({ available: 90, held: 0 });

    const id = response.headers['x-transformation-id'];
    const { body } = await user.get('/v1/tokens/entries').expect(200);
    expect(body.items.slice(0, 2)).toEqual([
      expect.objectContaining({
        kind: 'settle',
        amount: 0,
        balanceAfter: 90,
        transformationId: id,
      }),
      expect.objectContaining({
        kind: 'hold',
        amount: -10,
        balanceAfter: 90,
        transformationId: id,
      }),
    ]);
  });

  it('otherwise answers with the completed transformation, and serves its images', async () => {
    const { body } = await user.submit(await picture()).expect(201);
    expect(body).toMatchObject({
      status: 'completed',
      styles: [{ id: 'starry-night', weight: 1 }],
      options: { strength: 1, preserveColors: false, strokeScale: 1, quality: 90 },
      price: 10,
      resultUrl: `/v1/transformations/${body.id}/result`,
    });
    expect(body.inferenceMs).toBeGreaterThan(0);

    const result = await user
      .get(body.resultUrl)
      .expect(200)
      .expect('content-type', 'image/jpeg')
      .expect('cache-control', /private/);
    await user.get(body.resultUrl).set('if-none-match', String(result.headers.etag)).expect(304);
    const original = await user.get(`/v1/transformations/${body.id}/original`).expect(200);
    expect((await sharp(original.body as Buffer).metadata()).width).toBe(96);
  });

  it('shows styles and prices without authentication', async () => {
    const styles = await request(app.url).get('/v1/styles').expect(200);
    expect(styles.body.items.length).toBeGreaterThanOrEqual(24);
    await request(app.url)
      .get(styles.body.items[0].previewUrl)
      .expect(200)
      .expect('content-type', 'image/webp');
    const { body } = await request(app.url).get('/v1/pricing').expect(200);
    expect(body).toMatchObject({ signUpGrant: 100, transformation: { baseTokens: 10 } });
  });
});
