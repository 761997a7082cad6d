import { describe, expect, it } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { pngDeclaring } from '../test/hostile/png.js';
import { tiff, type TiffShape } from '../test/hostile/tiff.js';
import { inspectImage } from './image-intake.js';

const limits = { maxBytes: 1_000_000, maxPixels: 100_000_000 };
const canvas = sharp({ create: { width: 64, height: 48, channels: 3, background: '#369' } });

const isStreamable = async (bytes: Buffer) => (await inspectImage(bytes, limits)).streamable;

describe('a picture', () => {
  it.each<[boolean, string, (picture: Sharp) => Sharp]>([
    [true, 'a baseline JPEG', (picture) => picture.jpeg()],
    [true, 'an upright JPEG', (picture) => picture.withMetadata({ orientation: 1 }).jpeg()],
    [false, 'a turned JPEG', (picture) => picture.withMetadata({ orientation: 6 }).jpeg()],
    [false, 'a mirrored JPEG', (picture) => picture.withMetadata({ orientation: 2 }).jpeg()],
    [false, 'a progressive JPEG', (picture) => picture.jpeg({ progressive: true })],
    [true, 'a PNG', (picture) => picture.png()],
    [true, 'a 16-bit PNG', (picture) => picture.toColourspace('rgb16').png()],
    [false, 'an interlaced PNG', (picture) => picture.png({ progressive: true })],
    [true, 'a TIFF', (picture) => picture.tiff({ compression: 'none' })],
    [true, 'a tiled TIFF', (picture) => picture.tiff({ compression: 'deflate', tile: true })],
    [false, 'a turned TIFF', (picture) => picture.withMetadata({ orientation: 8 }).tiff()],
    [false, 'a WebP', (picture) => picture.webp()],
    [false, 'an AVIF', (picture) => picture.avif({ effort: 0 })],
    [false, 'a GIF', (picture) => picture.gif()],
  ])('can be decoded in strips or not (%s): %s', async (expected, _what, encode) => {
    expect(await isStreamable(await encode(canvas.clone()).toBuffer())).toBe(expected);
  });

  const layouts: [boolean, string, Pick<TiffShape, 'layout' | 'compression'>][] = [
    [true, 'one Deflate strip', { compression: 8, layout: { rowsPerStrip: 10_000 } }],
    [true, 'one raw strip', { layout: { rowsPerStrip: 10_000 } }],
    [false, 'one JPEG strip', { compression: 7, layout: { rowsPerStrip: 10_000 } }],
    [true, 'low JPEG strips', { compression: 7, layout: { rowsPerStrip: 64 } }],
    [false, 'planes whole', { compression: 8, layout: { rowsPerStrip: 10_000, planar: true } }],
    [true, 'planes in strips', { compression: 8, layout: { rowsPerStrip: 64, planar: true } }],
    [true, 'usual tiles', { compression: 8, layout: { tileWidth: 256, tileLength: 256 } }],
    [false, 'high tiles', { compression: 8, layout: { tileWidth: 4096, tileLength: 4096 } }],
  ];
  it.each(layouts)('that is a TIFF of 100 megapixels: %s, %s', async (expected, _what, shape) => {
    const bytes = tiff({ width: 10_000, height: 10_000, data: Buffer.alloc(100), ...shape });
    expect(await isStreamable(bytes)).toBe(expected);
  });

  it('that has to be decoded whole has a limit of its own, where one is set', async () => {
    const tight = { ...limits, maxWholePixels: 64 * 47 };
    const progressive = await canvas.clone().jpeg({ progressive: true }).toBuffer();
    await expect(inspectImage(progressive, tight)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringMatching(/64 x 48.* 0\.003008 megapixels.*baseline JPEG, or smaller/),
    });
    const enough = { ...tight, maxWholePixels: 64 * 48 };
    expect(await inspectImage(progressive, enough)).toMatchObject({ streamable: false });
    const inStrips = await inspectImage(pngDeclaring(10_000, 10_000), tight);
    expect(inStrips).toMatchObject({ width: 10_000, height: 10_000, streamable: true });
  });
});
