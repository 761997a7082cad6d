import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { TiffSink, TiffSource } from './tiff-file.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stylizer-tiff-'));
});
afterAll(() => rm(dir, { recursive: true }));

function pattern(width: number, height: number) {
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => (i * 2_654_435_761) >>> 24,
  );
  return { data, width, height };
}

const shapes = [
  [1, 1],
  [17, 63],
  [64, 64],
  [33, 65],
  [1, 1000],
  [3000, 200],
] as const;

const raw = ({ data, width, height }: ReturnType<typeof pattern>) =>
  sharp(data, { raw: { width, height, channels: 3 } });

describe('TiffSink', () => {
  it.each(shapes)('writes %i x %i as libvips reads it', async (width, height) => {
    const picture = pattern(width, height);
    const path = join(dir, `sink-${width}-${height}.tif`);
    const sink = await TiffSink.create(path, picture);
    const half = Math.ceil(height / 2);
    for (const [top, bottom] of [
      [0, half],
      [half, height],
    ] as const)
      await sink.write({
        data: picture.data.subarray(3 * width * top, 3 * width * bottom),
        width,
        height: bottom - top,
      });
    await sink.close();
    const read = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    expect(read.info).toMatchObject({ width, height, channels: 3 });
    expect(Buffer.compare(read.data, picture.data)).toBe(0);
  });
});

describe('TiffSource', () => {
  it.each(shapes)('reads %i x %i as libvips writes it', async (width, height) => {
    const picture = pattern(width, height);
    const path = join(dir, `source-${width}-${height}.tif`);
    await raw(picture).tiff({ compression: 'none' }).toFile(path);
    const source = await TiffSource.open(path);
    expect(source).toMatchObject({ width, height });
    const top = Math.floor(height / 3);
    const { data, height: rows } = await source.rows(top, height);
    await source.close();
    expect(rows).toBe(height - top);
    expect(Buffer.compare(data, picture.data.subarray(3 * width * top))).toBe(0);
  });

  it.each([
    [
      'compressed',
      (path: string) => raw(pattern(64, 64)).tiff({ compression: 'lzw' }).toFile(path),
    ],
    ['no TIFF', (path: string) => raw(pattern(64, 64)).png().toFile(path)],
  ])('takes none that is %s', async (kind, write) => {
    const path = join(dir, `${kind}.tif`);
    await write(path);
    await expect(TiffSource.open(path)).rejects.toThrow('TIFF');
  });
});
