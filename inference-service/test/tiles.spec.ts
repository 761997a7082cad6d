import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { Engine } from '../src/engine/engine.js';
import { createOnnxEngine } from '../src/engine/onnx-engine.js';
import { cutArea } from '../src/stylize/pad.js';
import { type Pixels, toPixels, toPlanes } from '../src/stylize/pixels.js';
import { runTask } from '../src/stylize/run-task.js';
import { type PictureRunner, stylizeTiled } from '../src/stylize/stylize-pixels.js';
import type { TaskResult } from '../src/stylize/task.js';
import { planTiles } from '../src/stylize/tiling.js';
import { psnr, scene } from './support/pictures.js';
import { jpegOf, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';

/** Wider than a tile, so that there is a seam to see. */
const SIZE = { width: 1000, height: 520 };

const photo = async (): Promise<Pixels> => {
  const data = await scene(SIZE.width, SIZE.height).raw().toBuffer();
  return { ...SIZE, data: new Uint8Array(data) };
};

describe('tiles of the real network', () => {
  let engine: Engine;
  let whole: Pixels;
  let tiled: Pixels;

  beforeAll(async () => {
    const modelDir = fileURLToPath(new URL('../models', import.meta.url));
    engine = await createOnnxEngine({ modelDir, threads: 2 });
    const picture = await photo();
    const code = await engine.encode(toPlanes(cutArea(picture, square(256))));
    const planes = toPlanes(picture);
    const statistics = await engine.statistics([planes], code);
    const runner: PictureRunner = {
      size: 1,
      run: async (task) =>
        (task.kind === 'statistics' ? statistics : await runTask(engine, task)) as TaskResult<
          typeof task
        >,
    };
    whole = toPixels(await engine.tile(planes, code, statistics));
    tiled = await stylizeTiled(picture, code, { preserveColors: false, photoShare: 0 }, runner);
  });

  it('give the whole image under the same statistics', () => {
    expect(tiled.data).toHaveLength(whole.data.length);
    const differences = tiled.data.map((value, i) => Math.abs(value - (whole.data[i] ?? 0)));
    expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(1);
  });

  it('show no seam: the step across it is like the steps beside it', () => {
    const seams = planTiles(SIZE)
      .map(({ kept }) => kept.left)
      .filter((left) => left > 0);
    expect(seams).not.toHaveLength(0);
    for (const seam of seams) {
      const across = meanStep(tiled, seam);
      const beside = [-3, -2, -1, 1, 2, 3].map((d) => meanStep(tiled, seam + d));
      expect(across).toBeLessThan(1.5 * Math.max(...beside));
    }
  });
});

describe('a picture too large for one run', () => {
  let byTiles: RunningService;
  let inOne: RunningService;

  beforeAll(async () => {
    [byTiles, inOne] = await Promise.all([
      runService({ WHOLE_IMAGE_MAX_PIXELS: '65536' }),
      runService(),
    ]);
  });
  afterAll(() => Promise.all([byTiles.close(), inOne.close()]));

  it('comes out much as in one run, to the pixel in size', async () => {
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

const square = (side: number) => ({ left: 0, top: 0, width: side, height: side });

/** Mean difference between the columns left and right of `x`, 0..255. */
function meanStep({ data, width, height }: Pixels, x: number): number {
  let sum = 0;
  for (let y = 0; y < height; y++)
    for (let c = 0; c < 3; c++) {
      const at = 3 * (y * width + x) + c;
      sum += Math.abs((data[at] ?? 0) - (data[at - 3] ?? 0));
    }
  return sum / height / 3;
}
