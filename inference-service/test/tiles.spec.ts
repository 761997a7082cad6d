import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { Engine, Pixels } from '../src/engine/engine.js';
import { cutArea } from '../src/stylize/pad.js';
import { type RowSource, stylizeTiled } from '../src/stylize/stylize-tiled.js';
import { type ImageRunner, runTask, type TaskResult } from '../src/stylize/task.js';
import { planTiles } from '../src/stylize/tiling.js';
import { createTestEngine } from './support/engine.js';
import { psnr, scene } from './support/pictures.js';
import { jpegOf, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';

/** Larger than a tile both ways, so that there are seams to see. */
const SIZE = { width: 1104, height: 1000 };
const plain = { preserveColors: false, photoShare: 0 };

const copy = (picture: Pixels): Pixels => ({ ...picture, data: picture.data.slice() });

function sourceOf({ data, width, height }: Pixels): RowSource {
  const rows = (top: number, count: number) => {
    const bottom = Math.min(height, top + count);
    return { data: data.slice(3 * width * top, 3 * width * bottom), width, height: bottom - top };
  };
  return { width, height, rows: (top, count) => Promise.resolve(rows(top, count)) };
}

describe('tiles of the real network', () => {
  let engine: Engine;
  let whole: Pixels;
  let tiled: Pixels;

  beforeAll(async () => {
    engine = await createTestEngine();
    const data = new Uint8Array(await scene(SIZE.width, SIZE.height).raw().toBuffer());
    const picture = { ...SIZE, data };
    const square = { left: 300, top: 500, width: 256, height: 256 };
    const code = await engine.encode(cutArea(picture, square));
    const statistics = await engine.statistics([copy(picture)], code);
    const runner: ImageRunner = {
      size: 1,
      run: async (task) =>
        task.kind === 'statistics'
          ? (statistics as TaskResult<typeof task>)
          : await runTask(engine, task),
    };
    whole = (await engine.stylize([{ content: copy(picture), code, statistics }]))[0] as Pixels;
    tiled = { ...SIZE, data: new Uint8Array(data.length) };
    let at = 0;
    const write = (rows: Pixels) => {
      tiled.data.set(rows.data, at);
      at += rows.data.length;
      return Promise.resolve();
    };
    await stylizeTiled(sourceOf(picture), { write }, code, plain, runner);
  });

  it('give the whole image under the same statistics, up to rounding', () => {
    const differences = tiled.data.map((value, i) => Math.abs(value - (whole.data[i] ?? NaN)));
    expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(1);
  });

  it('get the statistics of a plain run', async () => {
    const code = new Float32Array(128);
    const content = copy(whole);
    const statistics = await engine.statistics([copy(content)], code);
    const [given] = await engine.stylize([{ content: copy(content), code, statistics }]);
    const [taken] = await engine.stylize([{ content, code }]);
    expect(Buffer.compare(given?.data ?? Buffer.alloc(0), taken?.data ?? Buffer.alloc(1))).toBe(0);
  });

  it('show no seam: the step across it is like its neighbors', () => {
    const kept = planTiles(SIZE).flatMap((row) => row.map((tile) => tile.kept));
    const inner = (edges: number[]) => [...new Set(edges)].filter((edge) => edge > 0);
    const seams = [
      ...inner(kept.map(({ left }) => left)).map((at) => ({ at, step: columnStep })),
      ...inner(kept.map(({ top }) => top)).map((at) => ({ at, step: rowStep })),
    ];
    expect(seams).toHaveLength(2);
    for (const { at, step } of seams) {
      const beside = [-3, -2, -1, 1, 2, 3].map((d) => step(tiled, at + d));
      expect(step(tiled, at)).toBeLessThan(1.5 * Math.max(...beside));
    }
  });
});

describe('a batch', () => {
  it('gives each image the result it gets alone', async () => {
    const engine = await createTestEngine();
    const pictures = await Promise.all(
      [0, 40].map(async (angle) => {
        const raw = scene(96, 64).modulate({ hue: angle }).removeAlpha().raw();
        return { data: new Uint8Array(await raw.toBuffer()), width: 96, height: 64 };
      }),
    );
    const runs = pictures.map((content, i) => ({
      content,
      code: new Float32Array(128).fill(i / 9),
    }));
    const alone = await Promise.all(
      runs.map(async (run) => (await engine.stylize([{ ...run, content: copy(run.content) }]))[0]),
    );
    const together = await engine.stylize(runs);
    expect(together.map(({ data }) => [...data])).toEqual(
      alone.map((picture) => [...(picture?.data ?? [])]),
    );
  });
});

describe('an image too large for one run', () => {
  let byTiles: RunningService;
  let inOne: RunningService;

  beforeAll(async () => {
    [byTiles, inOne] = await Promise.all([
      runService({ WHOLE_IMAGE_MAX_PIXELS: '65536' }),
      runService(),
    ]);
  });
  afterAll(() => Promise.all([byTiles.close(), inOne.close()]));

  it('looks like one run, and has the exact size', async () => {
    const picture = await scene(803, 517).png().toBuffer();
    const [tiled, whole] = await Promise.all([
      stylize(byTiles.url, picture).then(jpegOf),
      stylize(inOne.url, picture).then(jpegOf),
    ]);
    expect(await sharp(tiled).metadata()).toMatchObject({ width: 803, height: 517 });
    // The statistics of six crops are not quite those of the whole.
    expect(await psnr(tiled, whole)).toBeGreaterThan(25);
  });
});

/** Mean difference between the columns left and right of `x`, 0..255. */
const columnStep = ({ data, width, height }: Pixels, x: number) =>
  meanStep(data, height, (y) => 3 * (y * width + x), 3);

/** Mean difference between the rows above and below `y`, 0..255. */
const rowStep = ({ data, width }: Pixels, y: number) =>
  meanStep(data, width, (x) => 3 * (y * width + x), 3 * width);

function meanStep(data: Uint8Array, count: number, at: (i: number) => number, back: number) {
  let sum = 0;
  for (let i = 0; i < count; i++)
    for (let c = 0; c < 3; c++)
      sum += Math.abs((data[at(i) + c] ?? NaN) - (data[at(i) + c - back] ?? NaN));
  return sum / count / 3;
}
