import { crc32, deflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import request from 'supertest';
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

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#777' } })
    .png()
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

describe('a picture that cannot be taken', () => {
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
    ['one byte too many', 413, 'IMAGE_TOO_LARGE', () => Buffer.alloc(25_000_001, photo)],
    ['30 MB', 413, 'IMAGE_TOO_LARGE', () => Buffer.alloc(30_000_000, photo)],
  ])('is refused: %s', async (_what, status, code, make) => {
    const response = await stylize(running.url, await make());
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.body).toMatchObject(problem(status, code));
  });

  it('is refused when its result would be too large', async () => {
    const response = await stylize(running.url, photo, { ...STYLE, maxSize: 16_384 });
    expect(response.body).toMatchObject(problem(413, 'IMAGE_TOO_LARGE'));
  });
});

describe('a picture with more to it', () => {
  it.each([
    ['a ZIP', Buffer.from('PK\x03\x04payload-that-must-not-come-back')],
    ['a web page', Buffer.from('<html><script>payload-that-must-not-come-back</script></html>')],
  ])('loses %s behind it', async (_what, tail) => {
    const result = jpegOf(await stylize(running.url, Buffer.concat([photo, tail])));
    expect(result.includes('payload-that-must-not-come-back')).toBe(false);
  });

  it('is its first frame when it has 5000', async () => {
    const before = process.memoryUsage.rss();
    const result = jpegOf(await stylize(running.url, gifOfFrames(5_000, 200, 100)));
    expect(await sharp(result).metadata()).toMatchObject({ width: 200, height: 100 });
    // All frames decoded would be 300 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(150e6);
  });
});

describe('a form that cannot be taken', () => {
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

  it('takes its parts in either order', async () => {
    jpegOf(await post().attach('image', photo, 'a.jpg').field('params', params));
  });
});

describe('params that cannot be taken', () => {
  const id = 'starry-night';
  it.each([
    ['a negative weight', 'params.styles.0.weight', { styles: [{ id, weight: -1 }] }],
    ['weights that sum to zero', 'params.styles', { styles: [{ id, weight: 0 }] }],
    ['strength 7', 'params.strength', { styles: [{ id }], strength: 7 }],
    ['no styles', 'params.styles', { styles: [] }],
    ['a code of the wrong length', 'params.styles.0.code', { styles: [{ code: [1, 2] }] }],
    ['an unknown field', 'params', { styles: [{ id }], colour: 1 }],
  ])('are refused: %s', async (_what, path, params) => {
    const { body } = await stylize(running.url, photo, params);
    expect(body).toMatchObject(problem(400, 'VALIDATION_FAILED'));
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it('are refused for a style nobody knows', async () => {
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

/** A PNG whose header declares a size that its few bytes of pixels do not bear out. */
function pngDeclaring(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** An animation whose every frame is one colour: the LZW stream of a frame is one clear code. */
function gifOfFrames(frames: number, width: number, height: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width, 0);
  size.writeUInt16LE(height, 2);
  const header = Buffer.concat([
    Buffer.from('GIF89a'),
    size,
    Buffer.from([0x80, 0, 0, 200, 80, 40, 0, 0, 0]),
  ]);
  const frame = Buffer.concat([
    Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0]),
    size,
    Buffer.from([0, 2, 2, 0x44, 0x01, 0]),
  ]);
  return Buffer.concat([header, ...Array.from({ length: frames }, () => frame), Buffer.of(0x3b)]);
}
