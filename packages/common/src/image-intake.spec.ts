import { beforeAll, describe, expect, it } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { sniffFormat } from './image-format.js';
import {
  blockOtherLoaders,
  decoding,
  ImageRejected,
  inspectImage,
  openImage,
} from './image-intake.js';

const limits = { maxBytes: 1_000_000, maxPixels: 1_000_000 };

const canvas = (width = 64, height = 48, background = 'rgb(200, 100, 50)') =>
  sharp({ create: { width, height, channels: 3, background } });

const rejection = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ImageRejected ? error.code : error;
};

const decode = (bytes: Buffer) =>
  decoding(openImage(bytes, limits).raw().toBuffer({ resolveWithObject: true }));

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>');

beforeAll(() => {
  blockOtherLoaders();
});

describe('inspectImage', () => {
  it.each<[string, (picture: Sharp) => Sharp]>([
    ['jpeg', (picture) => picture.jpeg()],
    ['png', (picture) => picture.png()],
    ['webp', (picture) => picture.webp()],
    ['heif', (picture) => picture.avif({ effort: 0 })],
    ['gif', (picture) => picture.gif()],
    ['tiff', (picture) => picture.tiff()],
  ])('takes %s', async (format, encode) => {
    const bytes = await encode(canvas()).toBuffer();
    expect(await inspectImage(bytes, limits)).toMatchObject({ format, width: 64, height: 48 });
  });

  it('gives the size as the picture is looked at', async () => {
    const bytes = await canvas().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await inspectImage(bytes, limits)).toMatchObject({ width: 48, height: 64 });
  });

  it('measures one frame of an animation', async () => {
    const frames = [canvas(), canvas(64, 48, '#000')].map((frame) => frame.png().toBuffer());
    const bytes = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif()
      .toBuffer();
    expect(await inspectImage(bytes, limits)).toMatchObject({ width: 64, height: 48 });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'IMAGE_UNREADABLE'],
    ['text', Buffer.from('hello'), 'UNSUPPORTED_IMAGE'],
    ['an SVG', svg, 'UNSUPPORTED_IMAGE'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'UNSUPPORTED_IMAGE'],
    ['a GIF header before a script', Buffer.from('GIF89a=1;alert(1)//'), 'IMAGE_UNREADABLE'],
    ['too many bytes', Buffer.alloc(limits.maxBytes + 1), 'IMAGE_TOO_LARGE'],
  ])('refuses %s', async (_what, bytes, code) => {
    expect(await rejection(inspectImage(bytes, limits))).toBe(code);
  });

  it.each([
    [1, 1, 'IMAGE_TOO_SMALL'],
    [1, 20_000, 'IMAGE_TOO_SMALL'],
    [1_001, 1_000, 'IMAGE_TOO_LARGE'],
  ])('refuses %i x %i', async (width, height, code) => {
    const bytes = await canvas(width, height).png().toBuffer();
    expect(await rejection(inspectImage(bytes, limits))).toBe(code);
  });

  it('takes exactly the limit', async () => {
    const bytes = await canvas(1_000, 1_000).png().toBuffer();
    expect(await rejection(inspectImage(bytes, limits))).toBeUndefined();
  });
});

describe('openImage', () => {
  it.each<[string, (picture: Sharp) => Sharp]>([
    ['grey', (picture) => picture.greyscale().png()],
    ['16-bit', (picture) => picture.toColourspace('rgb16').png()],
    ['CMYK', (picture) => picture.toColourspace('cmyk').jpeg()],
    ['transparent', (picture) => picture.ensureAlpha(0.5).png()],
  ])('gives three 8-bit channels for a picture that is %s', async (_kind, encode) => {
    const { data, info } = await decode(await encode(canvas()).toBuffer());
    expect([info.channels, data.length]).toEqual([3, 64 * 48 * 3]);
  });

  it('puts transparency over white', async () => {
    const { data } = await decode(await canvas().ensureAlpha(0).png().toBuffer());
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it('converts a wide-gamut picture to sRGB', async () => {
    const p3 = await canvas(64, 48, 'rgb(200, 100, 50)').withIccProfile('p3').png().toBuffer();
    const { data } = await decode(p3);
    [200, 100, 50].forEach((value, i) =>
      expect(Math.abs(data.readUInt8(i) - value)).toBeLessThan(4),
    );
  });

  it('refuses a picture that breaks off', async () => {
    const noise = sharp({
      create: {
        width: 256,
        height: 256,
        channels: 3,
        background: '#808080',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    });
    const bytes = await noise.jpeg().toBuffer();
    const half = bytes.subarray(0, bytes.length / 2);
    expect(await rejection(decode(half))).toBe('IMAGE_UNREADABLE');
  });
});

describe('sniffFormat', () => {
  it('does not read past a short file', () => {
    expect(sniffFormat(new Uint8Array([0xff]))).toBeUndefined();
  });
});
