import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import * as hostile from '../factories/hostile-images.js';
import { drawing, picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { expectNoTraces, MANY, useTestApp, useUser } from '../support/fixtures.js';
import { peakGrowth } from '../support/memory.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const MB = 1_000_000;

const app = useTestApp();
const user = useUser(app, beforeAll, MANY);

/** The stored original and the result. */
async function picturesOf(id: string) {
  const [original, result] = await Promise.all(
    ['original', 'result'].map(async (which) => {
      const { body } = await user.get(`/v1/transformations/${id}/${which}`);
      return body as Buffer;
    }),
  );
  return { original: original as Buffer, result: result as Buffer };
}

describe('a refused image', () => {
  expectNoTraces(app, user);
  afterEach(async () => user.submit(await picture({ width: 32, height: 32 })).expect(201));

  const refused: [string, () => Buffer | Promise<Buffer>, number, string][] = [
    ['bytes that are not an image', () => Buffer.alloc(5_000, 7), 415, 'UNSUPPORTED_IMAGE'],
    ['text', () => Buffer.from('I am a picture, trust me.'), 415, 'UNSUPPORTED_IMAGE'],
    ['an SVG', () => hostile.svg, 415, 'UNSUPPORTED_IMAGE'],
    ['a PDF with a JPEG inside', hostile.pdfAroundJpeg, 415, 'UNSUPPORTED_IMAGE'],
    ['a script behind a GIF signature', () => hostile.scriptAsGif, 422, 'IMAGE_UNREADABLE'],
    ['a truncated JPEG', hostile.truncatedJpeg, 422, 'IMAGE_UNREADABLE'],
    ['the first bytes of a JPEG', () => Buffer.from([0xff, 0xd8, 0xff]), 422, 'IMAGE_UNREADABLE'],
    ['a PNG with too few pixels', () => hostile.pngDeclaring(64, 64), 422, 'IMAGE_UNREADABLE'],
    ['zero bytes', () => Buffer.alloc(0), 422, 'IMAGE_UNREADABLE'],
    ['a picture of 1 x 1', () => picture({ width: 1, height: 1 }), 422, 'IMAGE_TOO_SMALL'],
    ['an image of 1 x 20,000', () => picture({ width: 1, height: 20_000 }), 422, 'IMAGE_TOO_SMALL'],
    ['70 MB', () => Buffer.alloc(70 * MB, 1), 413, 'IMAGE_TOO_LARGE'],
    ['one byte too many', () => hostile.heavyJpeg(60 * MB + 1), 413, 'IMAGE_TOO_LARGE'],
  ];
  it.each(refused)('is refused with a specific error: %s', async (_, image, status, code) => {
    expectProblem(await user.submit(await image()), status, code);
  });

  it('is refused before decoding when it declares 65,535 x 65,535', async () => {
    const { result, bytes } = await peakGrowth(() =>
      user.submit(hostile.pngDeclaring(65_535, 65_535)),
    );
    expectProblem(result, 413, 'IMAGE_TOO_LARGE');
    expect(result.body.detail).toContain('65535 x 65535');
    expect(bytes).toBeLessThan(100 * MB);
  });

  it('is judged by its bytes, not its file name or content type', async () => {
    const response = await user
      .post('/v1/transformations')
      .attach('image', Buffer.from('just text'), { filename: 'a.jpg', contentType: 'image/jpeg' })
      .field('style', 'starry-night');
    expectProblem(response, 415, 'UNSUPPORTED_IMAGE');
  });
});

describe('an unusual image that is accepted', () => {
  it('may have exactly the largest allowed size', async () => {
    await user.submit(await hostile.heavyJpeg(60 * MB)).expect(201);
  });

  it.each([
    ['a ZIP archive', hostile.zipTail],
    ['a page', hostile.htmlTail],
  ])('loses %s appended to it', async (_, tail) => {
    const image = await hostile.jpegWithTail(tail);
    expect(image.includes(hostile.PAYLOAD)).toBe(true);
    const { body } = await user.submit(image).expect(201);
    const { original, result } = await picturesOf(body.id);
    for (const kept of [original, result]) {
      expect((await sharp(kept).metadata()).width).toBe(96);
      expect(kept.includes(hostile.PAYLOAD)).toBe(false);
      expect(kept.includes(tail.subarray(0, 6))).toBe(false);
    }
  });

  it('loses its metadata', async () => {
    const image = await hostile.jpegWithMetadata();
    expect(image.includes('Ada Lovelace')).toBe(true);
    const { body } = await user.submit(image).expect(201);
    const { original, result } = await picturesOf(body.id);
    for (const kept of [original, result]) {
      expect(kept.includes('Ada Lovelace')).toBe(false);
      expect(kept.includes('steal(')).toBe(false);
    }
  });

  it.each([
    ['a CMYK JPEG', hostile.cmykJpeg, { space: 'cmyk', channels: 4, depth: 'uchar' }],
    ['a 16-bit PNG', hostile.sixteenBitPng, { space: 'rgb16', channels: 3, depth: 'ushort' }],
  ])('becomes sRGB in three channels of 8 bits: %s', async (_, make, facts) => {
    const image = await make();
    expect(await sharp(image).metadata()).toMatchObject(facts);
    const { body } = await user.submit(image).expect(201);
    const { original, result } = await picturesOf(body.id);
    for (const kept of [original, result])
      expect(await sharp(kept).metadata()).toMatchObject({
        format: 'jpeg',
        space: 'srgb',
        channels: 3,
        depth: 'uchar',
        width: 96,
        height: 64,
      });
  });

  it('is stylized by its first frame when it is an animated GIF of 5,000', async () => {
    const image = hostile.animatedGif(256, 5_000);
    expect((await sharp(image).metadata()).pages).toBe(5_000);
    const { result: answer, bytes } = await peakGrowth(() => user.submit(image));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ width: 256, height: 256, price: 10 });
    // All frames decoded would take 1.3 GB.
    expect(bytes).toBeLessThan(200 * MB);
    const { original } = await picturesOf(answer.body.id);
    const { channels } = await sharp(original).stats();
    const [red, green, blue] = channels.map(({ mean }) => Math.round(mean));
    expect(red).toBeGreaterThan(245);
    expect(Math.max(green ?? 255, blue ?? 255)).toBeLessThan(10);
  });

  it('is turned upright', async () => {
    const image = await drawing(96, 64).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { body } = await user.submit(image).expect(201);
    expect(body).toMatchObject({ width: 64, height: 96 });
    const { result } = await picturesOf(body.id);
    expect(await sharp(result).metadata()).toMatchObject({ width: 64, height: 96 });
  });
});

describe('100 megapixels in 300 kB', () => {
  let idle: TestApp;
  let owner: TestUser;
  beforeAll(async () => {
    // No worker runs: this tests the upload only.
    idle = await startTestApp({ worker: false });
    owner = await registered(idle);
  });
  afterAll(() => idle.close());

  it('cost what their output costs, in bounded memory', async () => {
    const image = await hostile.bombPng(10_000, 10_000);
    expect(image.length).toBeLessThan(400_000);

    const dear = await owner.submit(image);
    expectProblem(dear, 402, 'INSUFFICIENT_TOKENS');
    expect(dear.body.detail).toContain('255');

    const { result, bytes } = await peakGrowth(() =>
      owner.submit(image).field('maxSize', '1024').set('prefer', 'respond-async'),
    );
    expect(result.status).toBe(202);
    expect(result.body).toMatchObject({ width: 1024, height: 1024, price: 10 });
    expect(bytes).toBeLessThan(500 * MB);
    expect(await owner.balance()).toEqual({ available: 90, held: 10 });
  });

  it('are refused with one more row', async () => {
    const image = await hostile.bombPng(10_000, 10_001);
    expectProblem(await owner.submit(image), 413, 'IMAGE_TOO_LARGE');
  });
});
