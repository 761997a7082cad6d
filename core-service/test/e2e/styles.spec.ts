import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import sharp from 'sharp';
import { drawing, picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { storedFiles } from '../support/traces.js';

describe('a custom style', () => {
  let app: TestApp;
  let user: TestUser;
  let stranger: TestUser;
  let photo: Buffer;
  let style: { id: string; previewUrl: string };

  beforeAll(async () => {
    app = await startTestApp({ env: { SIGN_UP_GRANT: '1000' } });
    [user, stranger] = await Promise.all([registered(app), registered(app)]);
    photo = await picture({ width: 120, height: 80 });
  });
  afterAll(() => app.close());

  const pixelsOf = (image: Buffer) => sharp(image).removeAlpha().raw().toBuffer();
  const scene = sharp(new URL('../../assets/scene.jpg', import.meta.url).pathname).resize(384, 256);
  const stylized = async (
    styles: { id: string; weight?: number }[],
    image = photo,
  ): Promise<Buffer> => {
    const { body } = await user
      .post('/v1/transformations')
      .attach('image', image, 'photo.jpg')
      .field('styles', JSON.stringify(styles))
      .set('accept', 'image/jpeg')
      .expect(200)
      .expect('content-type', 'image/jpeg');
    return body as Buffer;
  };
  const customStyles = async (of: TestUser) => {
    const { body } = await of.get('/v1/styles').expect(200);
    return body.items.filter(({ kind }: { kind: string }) => kind === 'custom');
  };

  it('has a public price', async () => {
    const { body } = await request(app.url).get('/v1/pricing').expect(200);
    expect(body.style).toEqual({ tokens: 5 });
  });

  it('is made from any image for 5 tokens, recorded in the ledger', async () => {
    const image = await drawing(640, 480, 3).png().toBuffer();
    const response = await user
      .createStyle(image, '  Großmutters Quilt 🧵 ')
      .expect(201)
      .expect('x-tokens-charged', '5')
      .expect('x-tokens-available', '995');
    style = response.body;
    expect(style).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-/),
      name: 'Großmutters Quilt 🧵',
      kind: 'custom',
      tags: [],
      previewUrl: `/v1/styles/${style.id}/preview`,
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(await user.balance()).toEqual({ available: 995, held: 0 });
    const { body } = await user.get('/v1/tokens/entries?limit=2').expect(200);
    expect(body.items).toEqual([
      expect.objectContaining({
        kind: 'settle',
        amount: 0,
        styleId: style.id,
        description: 'Paid for a style',
      }),
      expect.objectContaining({
        kind: 'hold',
        amount: -5,
        styleId: style.id,
        description: 'Held for a style',
      }),
    ]);
    for (const line of body.items) expect(line).not.toHaveProperty('transformationId');
  });

  it('has a preview of the sample scene, visible to its owner only', async () => {
    const { body } = await user
      .get(style.previewUrl)
      .expect(200)
      .expect('content-type', 'image/webp')
      .expect('cache-control', /^private\b/);
    const { format, width, height } = await sharp(body as Buffer).metadata();
    expect({ format, width, height }).toEqual({ format: 'webp', width: 384, height: 256 });
    expect(await storedFiles(app)).toContain(`previews/${style.id}.webp`);

    // Like the catalogue's, it shows the scene, stylized.
    const plain = await scene.clone().raw().toBuffer();
    const shown = await pixelsOf(body as Buffer);
    const difference = shown.reduce((sum, value, i) => sum + Math.abs(value - (plain[i] ?? 0)), 0);
    expect(difference / shown.length).toBeGreaterThan(5);

    for (const response of [
      await request(app.url).get(style.previewUrl),
      await stranger.get(style.previewUrl),
    ])
      expectProblem(response, 404, 'STYLE_NOT_FOUND');
  });

  it('leaves the catalogue’s previews public, with or without a token', async () => {
    for (const response of [
      request(app.url).get('/v1/styles/starry-night/preview'),
      user.get('/v1/styles/starry-night/preview'),
    ])
      await response.expect(200).expect('cache-control', /^public\b/);
  });

  it('is listed to its owner only, before the catalogue, newest first', async () => {
    const { body: second } = await user
      .createStyle(await picture({ seed: 2 }), 'Großmutters Quilt 🧵')
      .expect(201);
    const { body } = await user.get('/v1/styles').expect(200);
    expect(body.items.slice(0, 2)).toEqual([second, style]);
    const rest = body.items.slice(2);
    expect(rest.length).toBeGreaterThanOrEqual(24);

    for (const list of [
      await request(app.url).get('/v1/styles').expect(200),
      await stranger.get('/v1/styles').expect(200),
    ])
      expect(list.body.items).toEqual(rest);
  });

  it('has a list and a preview that clients can cache and revalidate', async () => {
    const anyone = (path: string) => request(app.url).get(path);
    const me = (path: string) => user.get(path);
    const kept: [typeof me, string, string][] = [
      [anyone, '/v1/styles', 'public, max-age=60'],
      [me, '/v1/styles', 'private, no-cache'],
      [anyone, '/v1/styles/starry-night/preview', 'public, max-age=300'],
      [me, style.previewUrl, 'private, max-age=300'],
    ];
    const tags = new Set<string>();
    for (const [ask, path, cacheControl] of kept) {
      const { headers } = await ask(path).expect(200).expect('cache-control', cacheControl);
      if (path === '/v1/styles') expect(headers.vary).toMatch(/authorization/i);
      const etag = String(headers.etag);
      await ask(path).set('if-none-match', etag).expect(304).expect('etag', etag);
      tags.add(etag);
    }
    expect(tags.size).toBe(4);

    const before = await me('/v1/styles');
    await user.createStyle(photo).expect(201);
    await me('/v1/styles').set('if-none-match', String(before.headers.etag)).expect(200);
  });

  it('does not serve its image', async () => {
    expect(await storedFiles(app)).toContain(`style-pictures/${style.id}.jpg`);
    for (const path of ['picture', 'image', 'original'])
      expectProblem(await user.get(`/v1/styles/${style.id}/${path}`), 404, 'NOT_FOUND');
  });

  it('can be used like a catalogue style, and blended with one', async () => {
    const alone = await stylized([{ id: style.id }]);
    const other = await stylized([{ id: 'starry-night' }]);
    const blended = await stylized([
      { id: style.id.toUpperCase(), weight: 0.5 },
      { id: 'starry-night', weight: 0.5 },
    ]);
    const [a, b, mixed] = await Promise.all([alone, other, blended].map(pixelsOf));
    expect(a).toHaveLength(120 * 80 * 3);
    expect(a).not.toEqual(b);
    expect(mixed).not.toEqual(a);
    expect(mixed).not.toEqual(b);

    const { body } = await user.submit(photo, style.id).expect(201);
    expect(body.styles).toEqual([{ id: style.id, weight: 1 }]);
  });

  it('takes the look of its image: a photograph’s own style changes it least', async () => {
    const of = async (image: Buffer) =>
      (await user.createStyle(image).expect(201)).body as { id: string };
    const image = await scene.clone().png().toBuffer();
    const own = await of(image);
    const foreign = await of(
      await sharp({
        create: {
          width: 256,
          height: 256,
          channels: 3,
          background: '#000000',
          noise: { type: 'gaussian', mean: 128, sigma: 80 },
        },
      })
        .png()
        .toBuffer(),
    );
    const original = await pixelsOf(image);
    const distance = async ({ id }: { id: string }) => {
      const pixels = await pixelsOf(await stylized([{ id }], image));
      return pixels.reduce((sum, value, i) => sum + Math.abs(value - (original[i] ?? 0)), 0);
    };
    expect(await distance(own)).toBeLessThan(0.8 * (await distance(foreign)));
  });

  it('does not exist for other users, who are not charged for trying', async () => {
    expectProblem(await stranger.submit(photo, style.id), 404, 'STYLE_NOT_FOUND');
    const blend = stranger
      .post('/v1/transformations')
      .attach('image', photo, 'photo.jpg')
      .field('styles', JSON.stringify([{ id: 'starry-night' }, { id: style.id }]));
    expectProblem(await blend, 404, 'STYLE_NOT_FOUND');
    expectProblem(await stranger.delete(`/v1/styles/${style.id}`), 404, 'STYLE_NOT_FOUND');
    expect(await stranger.balance()).toEqual({ available: 1000, held: 0 });
    await user.get(style.previewUrl).expect(200);
  });

  it('can be deleted once by its owner, with its preview', async () => {
    const path = `/v1/styles/${style.id}`;
    await user.delete(path).expect(204);
    expectProblem(await user.delete(path), 404, 'STYLE_NOT_FOUND');
    expectProblem(await user.get(style.previewUrl), 404, 'STYLE_NOT_FOUND');
    expectProblem(await user.submit(photo, style.id), 404, 'STYLE_NOT_FOUND');
    expect((await customStyles(user)).map(({ id }: { id: string }) => id)).not.toContain(style.id);
    expect((await storedFiles(app)).filter((file) => file.includes(style.id))).toEqual([]);
  });

  it.each(['starry-night', 'no-such-style', '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f'])(
    'is the only kind of style that can be deleted: not %s',
    async (id) => {
      expectProblem(await user.delete(`/v1/styles/${id}`), 404, 'STYLE_NOT_FOUND');
    },
  );
});
