import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { DIGITAL_SOURCE_TYPE } from '../src/stylize/image-codec.js';
import { meanColour, psnr, scene } from './support/pictures.js';
import { jpegOf, STYLE, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';

let running: RunningService;
let photo: Buffer;

beforeAll(async () => {
  running = await runService();
  photo = await scene().png().toBuffer();
});
afterAll(() => running.close());

const styled = async (image: Buffer, params: unknown = STYLE) =>
  jpegOf(await stylize(running.url, image, params));

describe('POST /v1/stylize', () => {
  it.each<[string, (picture: Sharp) => Sharp]>([
    ['JPEG', (picture) => picture.jpeg({ quality: 100 })],
    ['PNG', (picture) => picture.png()],
    ['WebP', (picture) => picture.webp({ lossless: true })],
    ['AVIF', (picture) => picture.avif({ quality: 90, effort: 0 })],
    ['GIF', (picture) => picture.gif()],
    ['TIFF', (picture) => picture.tiff({ compression: 'lzw' })],
    ['16-bit PNG', (picture) => picture.toColourspace('rgb16').png()],
    ['CMYK JPEG', (picture) => picture.toColourspace('cmyk').jpeg({ quality: 100 })],
    ['Display P3', (picture) => picture.withIccProfile('p3').png()],
  ])('stylizes a %s like the PNG', async (_format, encode) => {
    const result = await styled(await encode(scene()).toBuffer());
    expect(await sharp(result).metadata()).toMatchObject({ format: 'jpeg', width: 96, height: 64 });
    const colours = await meanColour(result);
    (await meanColour(await styled(photo))).forEach((mean, i) =>
      expect(Math.abs(mean - (colours[i] ?? NaN))).toBeLessThan(12),
    );
  });

  it('returns size and timings in headers', async () => {
    const { headers } = await stylize(running.url, photo);
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-image-width': '96',
      'x-image-height': '64',
      'server-timing': expect.stringMatching(
        /^queue;dur=[\d.]+, decode;dur=[\d.]+, infer;dur=[\d.]+, encode;dur=[\d.]+$/,
      ),
    });
  });

  it('returns 4:4:4 sRGB with a digital source type, without the input’s metadata', async () => {
    const secret = await scene()
      .withExif({ IFD0: { Copyright: 'A secret place' } })
      .jpeg()
      .toBuffer();
    const result = await styled(secret);
    const metadata = await sharp(result).metadata();
    expect(metadata).toMatchObject({ chromaSubsampling: '4:4:4', space: 'srgb' });
    expect(metadata.icc?.toString('latin1').replaceAll('\0', '')).toContain('sRGB');
    expect(metadata.xmp?.toString('utf8')).toContain(
      `Iptc4xmpExt:DigitalSourceType="${DIGITAL_SOURCE_TYPE}"`,
    );
    expect(metadata.exif).toBeUndefined();
    expect(result.includes('A secret place')).toBe(false);
  });

  it('applies the EXIF orientation', async () => {
    const lying = await scene().rotate(-90).withMetadata({ orientation: 6 }).png().toBuffer();
    expect(await psnr(await styled(lying), await styled(photo))).toBeGreaterThan(50);
  });

  it('puts transparency over white', async () => {
    const clear = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const result = await styled(clear, { ...STYLE, strength: 0 });
    (await meanColour(result)).forEach((mean) => expect(mean).toBeGreaterThan(254));
  });

  it('returns the same bytes for the same request', async () => {
    expect(Buffer.compare(await styled(photo), await styled(photo))).toBe(0);
  });

  it.each([
    [16, 16],
    [17, 1000],
    [333, 19],
    [101, 99],
  ])('gives a picture of %i x %i back at its size', async (width, height) => {
    const result = await styled(await scene(width, height).png().toBuffer());
    expect(await sharp(result).metadata()).toMatchObject({ width, height });
  });

  it('scales before the network when maxSize is given', async () => {
    const response = await stylize(running.url, photo, { ...STYLE, maxSize: 192 });
    const { width, height } = await sharp(jpegOf(response)).metadata();
    expect([width, height]).toEqual([192, 128]);
    expect(response.headers['x-image-width']).toBe('192');
  });

  it('compresses according to quality', async () => {
    const [small, large] = [await styled(photo, { ...STYLE, quality: 20 }), await styled(photo)];
    expect(small.length).toBeLessThan(large.length / 1.5);
  });
});

describe('strength', () => {
  const at = (strength: number) => styled(photo, { ...STYLE, strength, quality: 100 });

  it('returns the photo at 0', async () => {
    expect(await psnr(await at(0), photo)).toBeGreaterThan(40);
  });

  it('moves away from the photo steadily', async () => {
    const distances: number[] = [];
    for (const strength of [0, 0.05, 0.25, 0.5, 0.75, 1])
      distances.push(await psnr(await at(strength), photo));
    expect(distances).toEqual([...distances].sort((a, b) => b - a));
  });

  it('changes little for a small step', async () => {
    expect(await psnr(await at(0.5), await at(0.52))).toBeGreaterThan(35);
  });
});

describe('styles', () => {
  const two = (a: number, b: number) => ({
    styles: [
      { id: 'poppies', weight: a },
      { id: 'almond-blossom', weight: b },
    ],
  });

  it('normalizes weights by their sum', async () => {
    const [once, tenfold] = [await styled(photo, two(0.3, 0.2)), await styled(photo, two(3, 2))];
    expect(await psnr(once, tenfold)).toBeGreaterThan(45);
  });

  it('blends: more red the more poppies', async () => {
    const reds: number[] = [];
    for (const weight of [0, 0.5, 1]) {
      const [red = 0, , blue = 0] = await meanColour(await styled(photo, two(weight, 1 - weight)));
      reds.push(red - blue);
    }
    expect(reds).toEqual([...reds].sort((a, b) => a - b));
  });

  it('accepts the code of any image as the encoder returned it', async () => {
    const encoded = await encode(photo);
    const own = await styled(photo, { styles: [encoded] });
    const other = await styled(photo);
    expect(await psnr(own, photo)).toBeGreaterThan(await psnr(other, photo));
    const unnamed = await styled(photo, { styles: [{ code: encoded.code }] });
    expect(Buffer.compare(unnamed, own)).toBe(0);
  });
});

describe('preserveColors', () => {
  it('keeps the chroma of the photo and changes its luma', async () => {
    const params = { styles: [{ id: 'neon-night' }], quality: 100 };
    const kept = await styled(photo, { ...params, preserveColors: true });
    const plain = await styled(photo, params);
    expect(await chromaDistance(kept, photo)).toBeLessThan(4);
    expect(await chromaDistance(plain, photo)).toBeGreaterThan(20);
    expect(await psnr(kept, photo)).toBeLessThan(30);
  });
});

async function encode(image: Buffer): Promise<{ code: number[]; model: string }> {
  const form = new FormData();
  form.append('image', new Blob([new Uint8Array(image)]));
  const response = await fetch(`${running.url}/v1/styles/encode`, { method: 'POST', body: form });
  return (await response.json()) as { code: number[]; model: string };
}

/** Mean distance between the Cb, Cr of two pictures, 0..255. */
async function chromaDistance(a: Buffer, b: Buffer): Promise<number> {
  const chroma = async (bytes: Buffer) => {
    const rgb = await sharp(bytes).removeAlpha().raw().toBuffer();
    const length = rgb.length / 3;
    return Array.from({ length }, (_, i) => {
      const [red, green, blue] = [0, 1, 2].map((c) => rgb.readUInt8(3 * i + c)) as [
        number,
        number,
        number,
      ];
      const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
      return [(blue - luma) / 1.772, (red - luma) / 1.402] as const;
    });
  };
  const [left, right] = await Promise.all([chroma(a), chroma(b)]);
  const distances = left.map(([cb, cr], i) =>
    Math.hypot(cb - (right[i]?.[0] ?? 0), cr - (right[i]?.[1] ?? 0)),
  );
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}
