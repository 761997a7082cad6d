import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { drawing, picture } from '../../../test/factories/images.js';
import { normaliseStylePicture } from './normalise-style-picture.js';

const limits = { maxBytes: 10_000_000, maxPixels: 50_000_000 };
const sizeOf = async (image: Buffer) => {
  const { format, width, height, channels } = await sharp(
    await normaliseStylePicture(image, limits),
  ).metadata();
  expect({ format, channels }).toEqual({ format: 'jpeg', channels: 3 });
  return [width, height];
};

describe('a style picture', () => {
  it.each([
    ['a large one', 2000, 1200, 512],
    ['an upright one', 600, 900, 512],
    ['a small one, which is not enlarged', 300, 1000, 300],
    ['the smallest', 16, 16, 16],
    ['one as long as a JPEG can be', 65_500, 16, 16],
  ])('becomes a square of 512 pixels a side at most: %s', async (_what, width, height, side) => {
    const image = await sharp({
      create: { width, height, channels: 4, background: '#24689b80' },
      limitInputPixels: false,
    })
      .png()
      .toBuffer();
    expect(await sizeOf(image)).toEqual([side, side]);
  });

  it('is cut to the square that the encoder would cut out', async () => {
    const solid = (width: number, background: string) => ({
      create: { width, height: 400, channels: 3 as const, background },
    });
    const image = await sharp(solid(1200, '#000000'))
      .composite(
        ['#ff0000', '#00ff00', '#0000ff'].map((colour, third) => ({
          input: solid(400, colour),
          left: third * 400,
          top: 0,
        })),
      )
      .png()
      .toBuffer();
    const { channels } = await sharp(await normaliseStylePicture(image, limits)).stats();
    expect(channels.map(({ mean }) => Math.round(mean / 255))).toEqual([0, 1, 0]);
  });

  it('is turned upright and carries none of its metadata', async () => {
    const image = await drawing(200, 100)
      .withExif({ IFD0: { Copyright: 'somebody' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { exif, orientation } = await sharp(
      await normaliseStylePicture(image, limits),
    ).metadata();
    expect({ exif, orientation }).toEqual({ exif: undefined, orientation: undefined });
  });

  it('is refused when its last rows are missing, though they lie outside the square', async () => {
    const whole = await picture({ width: 400, height: 4000 });
    const broken = whole.subarray(0, Math.floor(whole.length * 0.9));
    await expect(normaliseStylePicture(broken, limits)).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
    });
  });

  it.each([
    ['too large', () => picture(), { ...limits, maxPixels: 1000 }, 'IMAGE_TOO_LARGE'],
    ['too small', () => picture({ width: 15, height: 64 }), limits, 'IMAGE_TOO_SMALL'],
    ['no picture', () => Promise.resolve(Buffer.from('%PDF-1.7')), limits, 'UNSUPPORTED_IMAGE'],
  ])('is refused when it is %s', async (_what, image, within, code) => {
    await expect(normaliseStylePicture(await image(), within)).rejects.toMatchObject({ code });
  });
});
