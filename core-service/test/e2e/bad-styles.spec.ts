import { beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Test } from 'supertest';
import { picture } from '../factories/images.js';
import { client } from '../support/client.js';
import { expectNoTraces, MANY, useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';

const image = await picture({ width: 32, height: 32 });

describe('creating a custom style with invalid input', () => {
  const app = useTestApp({
    env: { MAX_IMAGE_BYTES: '100000', MAX_IMAGE_PIXELS: '250000' },
    worker: false,
  });
  const user = useUser(app, beforeAll, MANY);
  expectNoTraces(app, user);

  const post = () => user.post('/v1/styles');
  const create = (of = image) => user.createStyle(of);

  it.each<[string, () => Test, string]>([
    ['no picture', () => post().field('name', 'Quilt'), 'image'],
    ['the image as a text field', () => post().field('image', 'x').field('name', 'Quilt'), 'image'],
    ['two pictures', () => create().attach('image', image, 'b.jpg'), 'image'],
    ['a file with another field name', () => create().attach('mask', image, 'b.jpg'), 'mask'],
    ['no name', () => post().attach('image', image, 'a.jpg'), 'name'],
    ['two names', () => create().field('name', 'Other'), 'name'],
    ['a name of spaces only', () => user.createStyle(image, '   '), 'name'],
    ['a name of 81 letters', () => user.createStyle(image, 'x'.repeat(81)), 'name'],
    ['a name with a control character', () => user.createStyle(image, 'ding\u0007dong'), 'name'],
    ['an unknown part', () => create().field('price', '0'), 'price'],
    ['no form', () => post().send({ name: 'Quilt' }), 'image'],
  ])('is refused, naming the invalid field: %s', async (_what, send, path) => {
    const response = await send();
    expectProblem(response, 400, 'VALIDATION_FAILED');
    expect(response.body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it.each<[string, () => Promise<Buffer>, number, string]>([
    ['too many bytes', () => Promise.resolve(Buffer.alloc(100_001)), 413, 'IMAGE_TOO_LARGE'],
    ['too many pixels', () => picture({ width: 600, height: 500 }), 413, 'IMAGE_TOO_LARGE'],
    ['no picture', () => Promise.resolve(Buffer.from('hello')), 415, 'UNSUPPORTED_IMAGE'],
    ['an SVG', () => Promise.resolve(Buffer.from('<svg/>')), 415, 'UNSUPPORTED_IMAGE'],
    ['nothing', () => Promise.resolve(Buffer.alloc(0)), 422, 'IMAGE_UNREADABLE'],
    [
      'a truncated image',
      async () => (await picture({ width: 256, height: 256 })).subarray(0, 2_000),
      422,
      'IMAGE_UNREADABLE',
    ],
    ['too few pixels', () => picture({ width: 15, height: 15 }), 422, 'IMAGE_TOO_SMALL'],
  ])(
    'is refused like the same upload to a transformation: %s',
    async (_what, make, status, code) => {
      const bad = await make();
      expectProblem(await create(bad), status, code);
      expectProblem(await user.submit(bad), status, code);
    },
  );

  it('is refused without a token and with an invalid one', async () => {
    expectProblem(await request(app.url).post('/v1/styles'), 401, 'UNAUTHENTICATED');
    const forged = { accessToken: `${user.accessToken}x` };
    expectProblem(await client(app, forged).createStyle(image), 401, 'UNAUTHENTICATED');
    expectProblem(await client(app, forged).get('/v1/styles'), 401, 'UNAUTHENTICATED');
  });
});
