import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { gifOfFrames, webpOfFrames } from '../test/hostile/animations.js';
import { jpegOfScans, jpegWithSegments } from '../test/hostile/jpeg.js';
import { tiff, tiffOfPages } from '../test/hostile/tiff.js';
import { structureOf } from './image-structure.js';

const MOST = 1000;
const canvas = () => sharp({ create: { width: 64, height: 48, channels: 3, background: '#369' } });
const jpeg = await canvas().jpeg().toBuffer();
const plain = structureOf(jpeg, 'jpeg', MOST).parts;

describe('structureOf', () => {
  it('counts the scans of a JPEG', async () => {
    expect(structureOf(jpeg, 'jpeg', MOST).scans).toBe(1);
    expect(structureOf(jpegOfScans(64, 48, 77), 'jpeg', MOST).scans).toBe(77);
    const progressive = await canvas().jpeg({ progressive: true }).toBuffer();
    expect(structureOf(progressive, 'jpeg', MOST).scans).toBeGreaterThan(5);
  });

  it.each(['front', 'back'] as const)('counts segments at the %s of a JPEG', (where) => {
    const bytes = jpegWithSegments(jpeg, 300, where);
    expect(structureOf(bytes, 'jpeg', MOST).parts).toBe(plain + 300);
  });

  it('counts nothing behind the end of a JPEG', () => {
    const tail = jpegWithSegments(jpeg, 300, 'front');
    expect(structureOf(Buffer.concat([jpeg, tail]), 'jpeg', MOST).parts).toBe(plain);
  });

  it('counts frames and pages, and no further than it is asked to', async () => {
    const film = { frames: 700, width: 64, height: 48 };
    const still = await canvas().webp().toBuffer();
    const webp = webpOfFrames(still, film);
    expect(await sharp(webp).metadata()).toMatchObject({ pages: 700 });
    expect(structureOf(webp, 'webp', MOST).parts).toBe(702);
    expect(structureOf(webp, 'webp', 100).parts).toBe(101);
    expect(structureOf(gifOfFrames(film), 'gif', MOST).parts).toBe(700);
    expect(structureOf(gifOfFrames(film), 'gif', 100).parts).toBe(101);
    expect(structureOf(tiffOfPages(700), 'tiff', MOST).parts).toBe(700);
    expect(structureOf(tiffOfPages(700), 'tiff', 100).parts).toBe(101);
  });

  it('counts every page of a TIFF once when they go round in a circle', () => {
    expect(structureOf(tiffOfPages(5, { loop: true }), 'tiff', MOST).parts).toBe(5);
  });

  it('counts the scans of a progressive JPEG in a TIFF, and not those of tiles side by side', () => {
    const scansIn = (data: Buffer) => {
      const layout = { rowsPerStrip: 16 };
      const bytes = tiff({ width: 64, height: 48, compression: 7, data, layout });
      return structureOf(bytes, 'tiff', MOST).scans;
    };
    expect(scansIn(jpegOfScans(64, 16, 40))).toBe(40);
    expect(scansIn(Buffer.concat([jpeg, jpeg]))).toBe(1);
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif'] as const)(
    'survives a %s that is cut anywhere, or is no such thing',
    async (format) => {
      const whole = {
        jpeg,
        png: await canvas().png().toBuffer(),
        webp: await canvas().webp().toBuffer(),
        gif: await canvas().gif().toBuffer(),
        tiff: await canvas().tiff().toBuffer(),
        heif: await canvas().avif({ effort: 0 }).toBuffer(),
      };
      for (let length = 0; length < Math.min(whole[format].length, 2_000); length++)
        structureOf(whole[format].subarray(0, length), format, MOST);
      for (const other of Object.values(whole)) structureOf(other, format, MOST);
      structureOf(Buffer.alloc(3_000, 0xff), format, MOST);
    },
  );
});
