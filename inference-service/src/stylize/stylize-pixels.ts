import type { Size } from '@stylizer/common';
import type { Pixels, Statistics, StyleCode } from '../engine/engine.js';
import { type Area, cutArea, networkSize, pasteArea } from './pad.js';
import type { Look, Task, TaskResult } from './task.js';
import { poolStatistics } from './pool-statistics.js';
import { planCrops, planTiles, type Tile } from './tiling.js';

/** A runner that belongs to one picture: it knows the caller's signal and keeps the time. */
export interface PictureRunner {
  readonly size: number;
  run<T extends Task>(task: T): Promise<TaskResult<T>>;
}

/** A picture of which only some rows are in memory. */
export interface RowSource extends Size {
  /** Whole rows, from `top` on; none past the lower edge. Valid until the next call. */
  rows(top: number, count: number): Promise<Pixels>;
}

/** Takes a picture's rows from the top. Their memory is used again once it has. */
export interface RowSink {
  write(rows: Pixels): Promise<void>;
}

/** What a tile is made with. */
interface Style {
  code: StyleCode;
  look: Look;
  statistics: Statistics;
}

const whole = ({ width, height }: Size): Area => ({ left: 0, top: 0, width, height });

/** Stylises a picture in one run. Any size: padded by reflection to what the network takes. */
export async function stylizeWhole(
  photo: Pixels,
  code: StyleCode,
  look: Look,
  runner: PictureRunner,
): Promise<Pixels> {
  const padded = networkSize(photo);
  const fits = padded.width === photo.width && padded.height === photo.height;
  const content = cutArea(photo, whole(padded));
  const styled = await runner.run({ kind: 'stylize', content, code, look });
  return fits ? styled : cutArea(styled, whole(photo));
}

/**
 * Stylises a picture tile by tile, with norm statistics taken once from crops spread over it, after
 * the idea of thumbnail instance normalisation (Chen et al., AAAI 2022). Gives what
 * {@link stylizeWhole} gives under the same statistics, in the memory of a row of tiles.
 *
 * @param onTile called after each tile with the number done and the number in all.
 */
export async function stylizeTiled(
  source: RowSource,
  sink: RowSink,
  code: StyleCode,
  look: Look,
  runner: PictureRunner,
  onTile: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  const padded = networkSize(source);
  const statistics = await statisticsOf(source, padded, code, runner);
  const rows = planTiles(padded);
  const total = rows.reduce((sum, row) => sum + row.length, 0);
  let done = 0;
  onTile(done, total);
  const style = { code, look, statistics };
  const memory = new Uint8Array(
    3 * source.width * Math.max(...rows.map(([tile]) => tile?.kept.height ?? 0)),
  );
  for (const row of rows)
    await sink.write(
      await stylizeRow(source, row, style, runner, memory, () => onTile(++done, total)),
    );
}

async function statisticsOf(
  source: RowSource,
  padded: Size,
  code: StyleCode,
  runner: PictureRunner,
): Promise<Statistics> {
  const batches: Statistics[] = [];
  for (const areas of planCrops(padded)) {
    const crops: Pixels[] = [];
    for (const area of areas)
      crops.push(cutArea(await source.rows(area.top, area.height), { ...area, top: 0 }));
    batches.push(await runner.run({ kind: 'statistics', crops, code }));
  }
  return poolStatistics(batches);
}

async function stylizeRow(
  source: RowSource,
  tiles: readonly Tile[],
  style: Style,
  runner: PictureRunner,
  memory: Uint8Array<ArrayBuffer>,
  onTile: () => void,
): Promise<Pixels> {
  const { input, kept } = tiles[0]!;
  const band = await source.rows(input.top, input.height);
  const height = Math.min(kept.height, source.height - kept.top);
  const data = memory.subarray(0, 3 * source.width * height);
  const result: Pixels = { data, width: source.width, height };
  const waiting = tiles.values();
  const lane = async () => {
    // A tile's memory comes back with its picture, and is the next one's.
    let data: Uint8Array<ArrayBuffer> | undefined;
    for (const tile of waiting) {
      const content = cutArea(band, { ...tile.input, top: 0 }, data);
      const origin = { left: tile.input.left, top: tile.input.top };
      const styled = await runner.run({ kind: 'stylize', content, origin, ...style });
      const { left, top } = tile.kept;
      const from = { ...tile.kept, left: left - origin.left, top: top - origin.top };
      pasteArea(styled, from, result, { ...tile.kept, top: 0 });
      ({ data } = styled);
      onTile();
    }
  };
  await Promise.all(Array.from({ length: runner.size }, lane));
  return result;
}
