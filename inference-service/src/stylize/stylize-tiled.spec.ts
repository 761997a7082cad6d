import { describe, expect, it } from '@jest/globals';
import type { Engine, Pixels } from '../engine/engine.js';
import { poolStatistics, type RowSource, stylizeTiled } from './stylize-tiled.js';
import { stylizeWhole } from './stylizer.js';
import { type ImageRunner, runTask } from './task.js';

/** Each pixel's mean with the ones 88 to its right and 88 above, as far as the network looks. */
function localFilter({ data, width, height }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  const at = (x: number, y: number) => 3 * (y * width + x);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const up = data[at(x, Math.max(0, y - 88)) + c] ?? NaN;
        const right = data[at(Math.min(width - 1, x + 88), y) + c] ?? NaN;
        out[at(x, y) + c] = ((data[at(x, y) + c] ?? NaN) + up + right) / 3;
      }
  return { data: out, width, height };
}

const engine: Engine = {
  name: 'filter',
  device: 'test',
  encode: async () => new Float32Array(),
  stylize: async (batch) => batch.map(({ content }) => localFilter(content)),
  statistics: async () => new Float32Array(),
};

const runner: ImageRunner = { size: 2, run: (task) => runTask(engine, task) };

function photo(width: number, height: number): Pixels {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0, seed = 1; i < data.length; i++, seed = (seed * 48_271) % 2_147_483_647)
    data[i] = seed;
  return { data, width, height };
}

const code = new Float32Array();
const plain = { preserveColors: false, photoShare: 0 };

/** In memory, in place of the files. */
function sourceOf(picture: Pixels): RowSource {
  const { data, width, height } = picture;
  return {
    width,
    height,
    rows: async (top, count) => {
      const rows = Math.min(count, height - top);
      return { data: data.slice(3 * width * top, 3 * width * (top + rows)), width, height: rows };
    },
  };
}

describe('stylizeTiled', () => {
  it.each([
    [1500, 40],
    [1203, 1190],
    [17, 2600],
  ])('gives what stylizeWhole gives at %i x %i', async (width, height) => {
    const picture = photo(width, height);
    const rows: Uint8Array[] = [];
    const sink = { write: async (band: Pixels) => void rows.push(band.data.slice()) };
    const progress: string[] = [];
    await stylizeTiled(sourceOf(picture), sink, code, plain, runner, (done, total) =>
      progress.push(`${done}/${total}`),
    );
    const whole = await stylizeWhole(picture, code, plain, runner);
    expect(Buffer.compare(Buffer.concat(rows), whole.data)).toBe(0);
    const total = progress.length - 1;
    expect(progress).toEqual(Array.from({ length: total + 1 }, (_, i) => `${i}/${total}`));
  });
});

describe('stylizeWhole', () => {
  it.each([
    [1, 1],
    [3, 40],
    [40, 40],
    [33, 17],
  ])('gives %i x %i back at its size', async (width, height) => {
    const { data, ...size } = await stylizeWhole(photo(width, height), code, plain, runner);
    expect(size).toEqual({ width, height });
    expect(data).toHaveLength(3 * width * height);
  });

  it('returns the photo at a photo share of 1', async () => {
    const picture = photo(40, 24);
    const styled = await stylizeWhole(picture, code, { ...plain, photoShare: 1 }, runner);
    expect(styled.data).toEqual(picture.data);
  });
});

const statisticsOf = (values: number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Float32Array.of(mean, variance ** -0.5);
};

describe('poolStatistics', () => {
  it('equals the statistics of all values', () => {
    const halves = [
      [1, 2, 3, 7],
      [10, 11, 14, -5],
    ];
    const [mean, inverse] = poolStatistics(halves.map(statisticsOf));
    const [wholeMean, wholeInverse] = statisticsOf(halves.flat());
    expect(mean).toBeCloseTo(wholeMean ?? NaN, 5);
    expect(inverse).toBeCloseTo(wholeInverse ?? NaN, 5);
  });

  it('returns a single batch unchanged', () => {
    expect([...poolStatistics([Float32Array.of(2, 0.5, -1, 4)])]).toEqual([2, 0.5, -1, 4]);
  });
});
