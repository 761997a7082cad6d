import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import request from 'supertest';
import { gifOfFrames, webpOfFrames } from '../../packages/common/test/hostile/animations.js';
import {
  jpegDeclaring,
  jpegOfScans,
  jpegWithSegments,
} from '../../packages/common/test/hostile/jpeg.js';
import { pngBomb, pngDeclaring } from '../../packages/common/test/hostile/png.js';
import { tiff, tiffOfPages } from '../../packages/common/test/hostile/tiff.js';
import { CODE_LENGTH } from '../src/engine/engine.js';
import { peakGrowth } from '../../packages/common/test/memory.js';
import { noise, scene } from './support/pictures.js';
import { jpegOf, STYLE, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';

let running: RunningService;
let photo: Buffer;

beforeAll(async () => {
  running = await runService();
  photo = await scene().jpeg().toBuffer();
});
afterAll(() => running.close());

afterEach(async () => {
  jpegOf(await stylize(running.url, photo));
});

const MB = 1_000_000;

const blank = (width: number, height: number, format: 'png' | 'webp' = 'png') =>
  sharp({ create: { width, height, channels: 3, background: '#777' } })
    .toFormat(format)
    .toBuffer();

const problem = (status: number, code: string) => ({
  type: 'about:blank',
  title: expect.any(String),
  status,
  code,
  detail: expect.any(String),
  instance: '/v1/stylize',
  requestId: expect.any(String),
});

describe('an invalid image', () => {
  it.each<[string, number, string, () => Buffer | Promise<Buffer>]>([
    ['zero bytes', 422, 'IMAGE_UNREADABLE', () => Buffer.alloc(0)],
    ['text', 415, 'UNSUPPORTED_IMAGE', () => Buffer.from('not an image')],
    ['an SVG', 415, 'UNSUPPORTED_IMAGE', () => Buffer.from(SVG)],
    ['an SVG behind a declaration', 415, 'UNSUPPORTED_IMAGE', () => Buffer.from(`<?xml?>${SVG}`)],
    ['a script with a GIF header', 422, 'IMAGE_UNREADABLE', () => Buffer.from(GIF_SCRIPT)],
    ['a PDF with a JPEG inside', 415, 'UNSUPPORTED_IMAGE', () => pdfAround(photo)],
    ['half a JPEG', 422, 'IMAGE_UNREADABLE', () => half(noise(256, 256).jpeg().toBuffer())],
    ['half a PNG', 422, 'IMAGE_UNREADABLE', () => half(noise(256, 256).png().toBuffer())],
    ['a PNG of 65535 x 65535', 413, 'IMAGE_TOO_LARGE', () => pngDeclaring(65_535, 65_535)],
    ['1 x 1', 422, 'IMAGE_TOO_SMALL', () => blank(1, 1)],
    ['1 x 20000', 422, 'IMAGE_TOO_SMALL', () => blank(1, 20_000)],
    ['a PNG of one row too many', 413, 'IMAGE_TOO_LARGE', () => pngDeclaring(10_000, 10_001)],
    ['a PNG wider than any JPEG', 413, 'IMAGE_TOO_LARGE', () => pngDeclaring(100_000, 1_000)],
    ['one byte too many', 413, 'IMAGE_TOO_LARGE', () => Buffer.alloc(60_000_001, photo)],
    ['70 MB', 413, 'IMAGE_TOO_LARGE', () => Buffer.alloc(70_000_000, photo)],
  ])('is refused: %s', async (_what, status, code, make) => {
    const response = await stylize(running.url, await make());
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.body).toMatchObject(problem(status, code));
  });

  it('is refused when its output would be too large', async () => {
    const response = await stylize(running.url, photo, { ...STYLE, maxSize: 16_384 });
    expect(response.body).toMatchObject(problem(413, 'IMAGE_TOO_LARGE'));
  });
});

describe('an image with several frames or pages', () => {
  it.each([
    ['a ZIP', Buffer.from('PK\x03\x04payload-that-must-not-come-back')],
    ['a web page', Buffer.from('<html><script>payload-that-must-not-come-back</script></html>')],
  ])('loses %s behind it', async (_what, tail) => {
    const result = jpegOf(await stylize(running.url, Buffer.concat([photo, tail])));
    expect(result.includes('payload-that-must-not-come-back')).toBe(false);
  });

  it('is its first frame when it has 5000', async () => {
    const film = gifOfFrames({ frames: 5_000, width: 200, height: 100 });
    const { result, bytes } = await peakGrowth(async () =>
      jpegOf(await stylize(running.url, film)),
    );
    expect(await sharp(result).metadata()).toMatchObject({ width: 200, height: 100 });
    // All frames decoded would be 300 MB.
    expect(bytes).toBeLessThan(150 * MB);
  });
});

describe('an image that would take a decoder hours or gigabytes', () => {
  const large = { width: 10_000, height: 10_000 };
  const film = { width: 16, height: 16 };
  it.each<[string, number, string, () => Buffer | Promise<Buffer>]>([
    ['a PNG of 1 kB', 422, 'IMAGE_UNREADABLE', () => pngDeclaring(10_000, 10_000)],
    ['a JPEG of 1 kB', 422, 'IMAGE_UNREADABLE', () => jpegDeclaring(photo, 10_000, 10_000)],
    [
      'a TIFF of 1 kB',
      422,
      'IMAGE_UNREADABLE',
      () => tiff({ ...large, data: Buffer.alloc(100), layout: { rowsPerStrip: 10_000 } }),
    ],
    ['26 scans', 413, 'IMAGE_TOO_LARGE', () => jpegOfScans(10_000, 10_000, 26)],
    [
      'five million segments',
      413,
      'IMAGE_TOO_LARGE',
      () => jpegWithSegments(photo, 5_000_000, 'front'),
    ],
    ['100,000 pages', 413, 'IMAGE_TOO_LARGE', () => tiffOfPages(100_000)],
    [
      '500,000 frames',
      413,
      'IMAGE_TOO_LARGE',
      async () => webpOfFrames(await blank(16, 16, 'webp'), { ...film, frames: 500_000 }),
    ],
  ])('is refused within a second or two: %s', async (_what, status, code, make) => {
    const picture = await make();
    const began = performance.now();
    const { result, bytes } = await peakGrowth(() => stylize(running.url, picture));
    expect(result.body).toMatchObject(problem(status, code));
    expect(performance.now() - began).toBeLessThan(2_000);
    // Both ends of the connection are in this process, and each holds the file more than once.
    expect(bytes).toBeLessThan(100 * MB + 4 * picture.length);
  });

  it('is accepted in bounded memory when it is merely large', async () => {
    const picture = pngBomb(large);
    expect(picture.length).toBeLessThan(MB);
    const { result, bytes } = await peakGrowth(() =>
      stylize(running.url, picture, { ...STYLE, maxSize: 64 }),
    );
    expect(await sharp(jpegOf(result)).metadata()).toMatchObject({ width: 64, height: 64 });
    expect(bytes).toBeLessThan(200 * MB);
  });
});

describe('an invalid form', () => {
  const post = () => request(running.url).post('/v1/stylize');
  const params = JSON.stringify(STYLE);

  it.each<[string, string, () => request.Test]>([
    ['no image', 'image', () => post().field('params', params)],
    ['no params', 'params', () => post().attach('image', photo, 'a.jpg')],
    [
      'params that are not JSON',
      'params',
      () => post().field('params', '{').attach('image', photo, 'a.jpg'),
    ],
    [
      'another field name',
      'picture',
      () => post().field('params', params).attach('picture', photo, 'a.jpg'),
    ],
    [
      'an unknown text part',
      'style',
      () => post().field('style', 'x').attach('image', photo, 'a.jpg'),
    ],
    ['the same part twice', 'params', () => post().field('params', params).field('params', params)],
    ['a picture as text', 'image', () => post().field('image', 'x').field('params', params)],
    ['two images', 'image', () => post().attach('image', photo, 'a').attach('image', photo, 'b')],
    ['JSON', 'request', () => post().send(STYLE)],
    ['plain text', 'request', () => post().type('text/plain').send('hello')],
    ['no body', 'request', () => post()],
    [
      'a form that breaks off',
      'request',
      () =>
        post()
          .type('multipart/form-data; boundary=x')
          .send('--x\r\nContent-Disposition: form-data; name="params"\r\n\r\n{'),
    ],
    ['a form with no boundary', 'request', () => post().type('multipart/form-data').send('x')],
  ])('is refused: %s', async (_what, path, send) => {
    const response = await send();
    expect(response.body).toMatchObject({
      ...problem(400, 'VALIDATION_FAILED'),
      errors: [{ path, message: expect.any(String) }],
    });
    expect(response.status).toBe(400);
  });

  it('accepts its parts in either order', async () => {
    jpegOf(await post().attach('image', photo, 'a.jpg').field('params', params));
  });
});

describe('invalid params', () => {
  const id = 'starry-night';
  it.each([
    ['a negative weight', 'params.styles.0.weight', { styles: [{ id, weight: -1 }] }],
    ['weights that sum to zero', 'params.styles', { styles: [{ id, weight: 0 }] }],
    ['strength 7', 'params.strength', { styles: [{ id }], strength: 7 }],
    ['no styles', 'params.styles', { styles: [] }],
    ['an unknown field', 'params', { styles: [{ id }], colour: 1 }],
  ])('are refused: %s', async (_what, path, params) => {
    const { body } = await stylize(running.url, photo, params);
    expect(body).toMatchObject(problem(400, 'VALIDATION_FAILED'));
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it('are refused for a code of the wrong length', async () => {
    const { model } = running.service;
    const { body } = await stylize(running.url, photo, { styles: [{ code: [1, 2], model }] });
    expect(body).toMatchObject(problem(400, 'VALIDATION_FAILED'));
    expect(body.errors[0].path).toBe('params.styles.0.code');
  });

  it.each([CODE_LENGTH, 64])(
    'are refused for a code of another model, of %i numbers, also in a blend',
    async (length) => {
      const other = { code: new Array(length).fill(0.5), model: 'another' };
      const styles = [{ id }, { ...other, weight: 0 }];
      const { body } = await stylize(running.url, photo, { styles });
      expect(body).toMatchObject(problem(409, 'MODEL_MISMATCH'));
    },
  );

  it('are refused for an unknown style', async () => {
    const { body } = await stylize(running.url, photo, { styles: [{ id: 'nobody' }] });
    expect(body).toMatchObject(problem(404, 'STYLE_NOT_FOUND'));
  });
});

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect/></svg>';
const GIF_SCRIPT = 'GIF89a/*\x00\x01\x00\x01*/=1;alert(document.cookie)//';

const half = async (picture: Promise<Buffer>) => {
  const bytes = await picture;
  return bytes.subarray(0, bytes.length / 2);
};

const pdfAround = (jpeg: Buffer) =>
  Buffer.concat([
    Buffer.from('%PDF-1.7\n1 0 obj<</Filter/DCTDecode>>stream\n'),
    jpeg,
    Buffer.from('\nendstream\n%%EOF'),
  ]);
