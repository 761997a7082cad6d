import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import {
  blockOtherLoaders,
  decoding,
  ImageRejected,
  inspectImage,
  MAX_SIDE,
  openImage,
} from '../src/image-intake.js';
import { gifOfFrames, gifOnCanvas, webpOfFrames } from './hostile/animations.js';
import { jpegDeclaring, jpegOfScans, jpegWithSegments } from './hostile/jpeg.js';
import { pngBomb, pngDeclaring } from './hostile/png.js';
import { tiff, tiffOfPages } from './hostile/tiff.js';
import { peakGrowth } from './memory.js';

const MB = 1_000_000;
const limits = { maxBytes: 60 * MB, maxPixels: 100 * MB };

const canvas = (width = 64, height = 64) =>
  sharp({ create: { width, height, channels: 3, background: '#369' } });

/** What becomes of a picture: `taken` once all of its pixels have been decoded, else the code. */
const fate = async (bytes: Buffer): Promise<unknown> => {
  try {
    await inspectImage(bytes, limits);
    const pixels = openImage(bytes, limits).jpeg({ optimiseCoding: false });
    await decoding(pixels.toBuffer());
    return 'taken';
  } catch (error) {
    if (error instanceof ImageRejected) return error.code;
    throw error;
  }
};

beforeAll(() => {
  blockOtherLoaders();
  sharp.cache(false);
});

describe('the header of a picture', () => {
  it.each([
    [10_000, 10_000],
    [16, MAX_SIDE],
    [MAX_SIDE, 16],
  ])('may declare %i x %i', async (width, height) => {
    const facts = await inspectImage(pngDeclaring(width, height), limits);
    expect(facts).toMatchObject({ width, height });
  });

  it.each([
    [10_000, 10_001, 'IMAGE_TOO_LARGE', '100 megapixels'],
    [100_000, 1_000, 'IMAGE_TOO_LARGE', 'no side may have more than 65500'],
    [16, 65_501, 'IMAGE_TOO_LARGE', 'no side may have more than 65500'],
    [65_501, 16, 'IMAGE_TOO_LARGE', 'no side may have more than 65500'],
    [65_535, 65_535, 'IMAGE_TOO_LARGE', '100 megapixels'],
    [2 ** 31 - 1, 1, 'IMAGE_UNREADABLE', ''],
    [1, 65_500, 'IMAGE_TOO_SMALL', ''],
    [15, 1_000, 'IMAGE_TOO_SMALL', ''],
  ])('may not declare %i x %i', async (width, height, code, why) => {
    await expect(inspectImage(pngDeclaring(width, height), limits)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(why),
    });
  });

  it('may not be that of a file one byte too large', async () => {
    const bytes = Buffer.alloc(limits.maxBytes + 1);
    pngDeclaring(64, 64).copy(bytes);
    expect(await fate(bytes)).toBe('IMAGE_TOO_LARGE');
    expect(await inspectImage(bytes.subarray(0, -1), limits)).toMatchObject({ width: 64 });
  });
});

describe('a picture that has fewer pixels than it declares', () => {
  const large = { width: 10_000, height: 10_000 };
  const raw = Buffer.alloc(100);
  const sparse: [string, number, () => Buffer | Promise<Buffer>][] = [
    ['PNG', 100, () => pngDeclaring(10_000, 10_000)],
    ['JPEG', 100, async () => jpegDeclaring(await canvas().jpeg().toBuffer(), 10_000, 10_000)],
    [
      'progressive JPEG',
      100,
      async () =>
        jpegDeclaring(await canvas().jpeg({ progressive: true }).toBuffer(), 10_000, 10_000),
    ],
    [
      'TIFF of one strip',
      100,
      () => tiff({ ...large, data: raw, layout: { rowsPerStrip: 10_000 } }),
    ],
    [
      'TIFF of one strip that claims all its bytes',
      100,
      () => tiff({ ...large, data: raw, claimed: 300 * MB, layout: { rowsPerStrip: 10_000 } }),
    ],
    [
      'TIFF of Deflate strips',
      100,
      () => tiff({ ...large, compression: 8, data: raw, layout: { rowsPerStrip: 16 } }),
    ],
  ];
  it.each(sparse)('is refused in bounded time and memory: %s', async (_what, megabytes, make) => {
    const bytes = await make();
    expect(bytes.length).toBeLessThan(200_000);
    const began = performance.now();
    const { result, bytes: grown } = await peakGrowth(() => fate(bytes));
    expect(result).toBe('IMAGE_UNREADABLE');
    expect(grown).toBeLessThan(megabytes * MB);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('is refused when it is a WebP or an AVIF', async () => {
    const webp = await canvas().webp().toBuffer();
    webp.writeUInt16LE(10_000, 26);
    webp.writeUInt16LE(10_000, 28);
    const avif = await canvas().avif({ effort: 0 }).toBuffer();
    const size = avif.indexOf('ispe') + 8;
    avif.writeUInt32BE(5_000, size);
    avif.writeUInt32BE(5_000, size + 4);
    for (const bytes of [webp, avif]) {
      const { result, bytes: grown } = await peakGrowth(() => fate(bytes));
      expect(result).toBe('IMAGE_UNREADABLE');
      expect(grown).toBeLessThan(100 * MB);
    }
  });

  it('is refused when it is an AVIF that has more than it declares', async () => {
    const avif = await canvas(4_000, 4_000).avif({ effort: 0 }).toBuffer();
    const size = avif.indexOf('ispe') + 8;
    avif.writeUInt32BE(64, size);
    avif.writeUInt32BE(64, size + 4);
    const { result, bytes } = await peakGrowth(() => fate(avif));
    expect(result).toBe('IMAGE_UNREADABLE');
    expect(bytes).toBeLessThan(100 * MB);
  });

  // libvips leaves unreadable tiles black, unless it is to fail at warnings on metadata as well.
  it('is taken in bounded memory when it is a TIFF of tiles', async () => {
    const layout = { tileWidth: 256, tileLength: 256 };
    const bytes = tiff({ ...large, compression: 8, data: raw, layout });
    const { result, bytes: grown } = await peakGrowth(() => fate(bytes));
    expect(result).toBe('taken');
    expect(grown).toBeLessThan(100 * MB);
  });

  it('is its one frame when it is a GIF on a canvas far larger', async () => {
    const bytes = gifOnCanvas(16, 60_000, 60_000);
    expect(['taken', 'IMAGE_TOO_LARGE']).toContain(await fate(bytes));
  });
});

describe('a small file of 100 megapixels', () => {
  it.each([
    ['8 bits', 8],
    ['16 bits', 16],
  ] as const)('is decoded in bounded memory: a PNG of %s', async (_what, bits) => {
    const bytes = pngBomb({ width: 10_000, height: 10_000, bits });
    expect(bytes.length).toBeLessThan(MB);
    const { result, bytes: grown } = await peakGrowth(() => fate(bytes));
    expect(result).toBe('taken');
    expect(grown).toBeLessThan(200 * MB);
  });

  it('is refused when it has its decoder go over them again and again', async () => {
    await expect(inspectImage(jpegOfScans(10_000, 10_000, 26), limits)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      message: expect.stringMatching(/26 scans.*baseline/),
    });
    const layout = { rowsPerStrip: 10_000 };
    const hidden = tiff({
      ...{ width: 10_000, height: 10_000, compression: 7, layout },
      data: jpegOfScans(10_000, 10_000, 90),
    });
    expect(await fate(hidden)).toBe('IMAGE_TOO_LARGE');
  });
});

describe('a picture of very many parts', () => {
  const film = { width: 16, height: 16 };
  const many: [string, () => Promise<Buffer> | Buffer][] = [
    ['frames of a GIF', () => gifOfFrames({ ...film, frames: 2_000_000 })],
    [
      'frames of a WebP',
      async () =>
        webpOfFrames(await canvas(16, 16).webp().toBuffer(), { ...film, frames: 500_000 }),
    ],
    ['pages of a TIFF', () => tiffOfPages(500_000)],
    [
      'segments of a JPEG',
      async () => jpegWithSegments(await canvas().jpeg().toBuffer(), 14_000_000, 'front'),
    ],
    [
      'segments behind the scan of a JPEG',
      async () => jpegWithSegments(await canvas().jpeg().toBuffer(), 14_000_000, 'back'),
    ],
    ['scans of a JPEG', () => jpegOfScans(400, 400, 10_001)],
  ];
  it.each(many)('is refused at once: %s', async (_what, make) => {
    const bytes = await make();
    const began = performance.now();
    const { result, bytes: grown } = await peakGrowth(() => fate(bytes));
    expect(result).toBe('IMAGE_TOO_LARGE');
    expect(grown).toBeLessThan(10 * MB);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it.each<[string, string, () => Promise<Buffer> | Buffer]>([
    ['taken', '9,000 frames of a GIF', () => gifOfFrames({ ...film, frames: 9_000 })],
    [
      'taken',
      '9,000 frames of a WebP',
      async () => webpOfFrames(await canvas(16, 16).webp().toBuffer(), { ...film, frames: 9_000 }),
    ],
    ['taken', '9,000 pages of a TIFF', () => tiffOfPages(9_000)],
    ['taken', 'pages of a TIFF in a circle', () => tiffOfPages(3, { loop: true })],
    ['taken', '150 scans of a JPEG', () => jpegOfScans(4_000, 4_000, 150)],
    [
      'IMAGE_UNREADABLE',
      '5,000,000 strips of a TIFF of 16 rows',
      () =>
        tiff({
          ...{ width: 16, height: 16, compression: 8, data: Buffer.alloc(8) },
          layout: { rowsPerStrip: 1, strips: 5_000_000 },
        }),
    ],
  ])('is judged by its first, within seconds (%s): %s', async (expected, _what, make) => {
    const bytes = await make();
    const began = performance.now();
    expect(await fate(bytes)).toBe(expected);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('a picture that takes too long', () => {
  it('is refused as unreadable, and says so', async () => {
    const slow = openImage(await canvas(4_000, 4_000).png().toBuffer(), limits)
      .timeout({ seconds: 1 })
      .median(63);
    await expect(decoding(slow.raw().toBuffer())).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
      message: expect.stringContaining('seconds to decode'),
    });
  });
});
