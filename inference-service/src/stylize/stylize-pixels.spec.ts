import { describe, expect, it } from '@jest/globals';
import type { Engine, Planes } from '../engine/engine.js';
import type { Pixels } from './pixels.js';
import { runTask } from './run-task.js';
import { type PictureRunner, stylizeTiled, stylizeWhole } from './stylize-pixels.js';
import type { TaskResult } from './task.js';

/** Each pixel's mean with the ones 88 to its right and 88 above, as far as the network looks. */
function localFilter({ data, width, height }: Planes): Planes {
  const out = new Float32Array(data.length);
  for (let row = 0, i = 0; row < 3 * height; row++) {
    const up = row % height < 88 ? 0 : 88 * width;
    for (let x = 0; x < width; x++, i++)
      out[i] = (data[i]! + data[i - up]! + data[x + 88 < width ? i + 88 : i]!) / 3;
  }
  return { data: out, width, height };
}

const engine: Engine = {
  name: 'filter',
  device: 'test',
  encode: async () => new Float32Array(),
  stylize: async (content) => localFilter(content),
  statistics: async () => new Float32Array(),
  tile: async (content) => localFilter(content),
};

const runner: PictureRunner = {
  size: 2,
  run: async (task) => (await runTask(engine, task)) as TaskResult<typeof task>,
};

function photo(width: number, height: number): Pixels {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0, seed = 1; i < data.length; i++, seed = (seed * 48_271) % 2_147_483_647)
    data[i] = seed;
  return { data, width, height };
}

const code = new Float32Array();
const plain = { preserveColors: false, photoShare: 0 };

describe('stylizeTiled', () => {
  it.each([
    [1000, 40],
    [801, 790],
    [17, 1600],
  ])('gives what stylizeWhole gives at %i x %i', async (width, height) => {
    const picture = photo(width, height);
    const whole = await stylizeWhole(picture, code, plain, runner);
    const tiled = await stylizeTiled(picture, code, plain, runner);
    expect(Buffer.compare(tiled.data, whole.data)).toBe(0);
    expect([tiled.width, tiled.height]).toEqual([width, height]);
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

  it('gives the photograph when all of it is mixed in', async () => {
    const picture = photo(40, 24);
    const styled = await stylizeWhole(picture, code, { ...plain, photoShare: 1 }, runner);
    expect(styled.data).toEqual(picture.data);
  });
});
