import type { StyleCode } from '../engine/engine.js';
import { type Area, cutArea, networkSize, pasteArea } from './pad.js';
import type { Pixels } from './pixels.js';
import type { Look, Task, TaskResult } from './task.js';
import { planCrops, planTiles } from './tiling.js';

/** A runner that belongs to one picture: it knows the caller's signal and keeps the time. */
export interface PictureRunner {
  readonly size: number;
  run<T extends Task>(task: T): Promise<TaskResult<T>>;
}

const whole = ({ width, height }: { width: number; height: number }): Area => ({
  left: 0,
  top: 0,
  width,
  height,
});

/** Stylises a picture in one run. Any size: padded by reflection to what the network takes. */
export async function stylizeWhole(
  photo: Pixels,
  code: StyleCode,
  look: Look,
  runner: PictureRunner,
): Promise<Pixels> {
  const content = cutArea(photo, whole(networkSize(photo)));
  const styled = await runner.run({ kind: 'stylize', content, code, look });
  return styled.width === photo.width && styled.height === photo.height
    ? styled
    : cutArea(styled, whole(photo));
}

/**
 * Stylises a picture tile by tile, with norm statistics taken once from crops spread over it, after
 * the idea of thumbnail instance normalisation (Chen et al., AAAI 2022). Gives what
 * {@link stylizeWhole} gives under the same statistics, in the memory of a tile.
 */
export async function stylizeTiled(
  photo: Pixels,
  code: StyleCode,
  look: Look,
  runner: PictureRunner,
): Promise<Pixels> {
  const padded = networkSize(photo);
  const crops = planCrops(padded).map((area) => cutArea(photo, area));
  const statistics = await runner.run({ kind: 'statistics', crops, code });

  const result: Pixels = { ...whole(photo), data: new Uint8Array(photo.data.length) };
  const tiles = planTiles(padded).values();
  const lane = async () => {
    for (const { input, kept } of tiles) {
      const content = cutArea(photo, input);
      const styled = await runner.run({ kind: 'tile', content, code, statistics, look });
      const from = { ...kept, left: kept.left - input.left, top: kept.top - input.top };
      pasteArea(styled, from, result, kept);
    }
  };
  await Promise.all(Array.from({ length: runner.size }, lane));
  return result;
}
