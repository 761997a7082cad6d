import type { ImageLimits, Size } from '@stylizer/common';
import type { Pixels, Statistics, StyleCode } from '../engine/engine.js';
import { decodeToTiff, encodeTiff, type Jpeg } from './image-codec.js';
import { cutArea, networkSize, pasteArea } from './pad.js';
import { diskFull, isDiskFull, type Scratch, type ScratchFolder } from './scratch.js';
import type { ImageRunner, Look } from './task.js';
import { TiffSink, TiffSource } from './tiff-file.js';
import { planCrops, planTiles, type Tile } from './tiling.js';
import type { Timings } from './timings.js';

/** An image that is larger than one run of the network. */
export interface DiskJob {
  /** Emptied once it is decoded. */
  upload: { bytes: Buffer };
  /** Of the JPG. */
  output: Size;
  /** The network's working resolution. */
  work: Size;
  quality: number;
  /** @param photo the path of its TIFF. */
  styleFor: (photo: string) => Promise<{ code: StyleCode | undefined; look: Look }>;
  runner: ImageRunner;
  signal: AbortSignal;
  timings: Timings;
  onTile?: (done: number, total: number) => void;
  limits: ImageLimits;
  scratch: Scratch;
}

/**
 * Stylizes a large image in the memory of one row of tiles: decoded to a TIFF, stylized row by row into
 * a second TIFF, encoded from that.
 */
export async function stylizeOnDisk(job: DiskJob): Promise<Jpeg> {
  const { output, work, scratch } = job;
  // Both TIFFs, and a JPG of the size it has at worst.
  const pixels = 2 * work.width * work.height + output.width * output.height;
  const folder = await scratch.folder(3 * pixels);
  try {
    return await runOnDisk(job, folder);
  } catch (error) {
    throw isDiskFull(error) ? diskFull(error) : error;
  } finally {
    // The open JPG stays readable.
    await folder.remove();
  }
}

async function runOnDisk(
  { upload, output, work, quality, styleFor, signal, timings, limits, runner, onTile }: DiskJob,
  folder: ScratchFolder,
): Promise<Jpeg> {
  const photo = folder.file('photo.tif');
  const decoded = decodeToTiff(upload.bytes, work, limits, photo);
  upload.bytes = Buffer.alloc(0);
  await timings.measure('decode', decoded);
  signal.throwIfAborted();
  const { code, look } = await styleFor(photo);
  const stylized = code ? folder.file('stylized.tif') : photo;
  if (code) {
    const source = await TiffSource.open(photo);
    try {
      const sink = await TiffSink.create(stylized, work);
      await stylizeTiled(source, sink, code, look, runner, onTile).finally(() => sink.close());
    } finally {
      await source.close();
    }
  }
  signal.throwIfAborted();
  const path = folder.file('result.jpg');
  return timings.measure('encode', encodeTiff(stylized, work, output, quality, path));
}

/** An image that is read in bands of rows. */
export interface RowSource extends Size {
  /** Whole rows, from `top` on; none past the lower edge. Valid until the next call. */
  rows(top: number, count: number): Promise<Pixels>;
}

/** Takes the rows of an image from the top. Their memory is reused after each call. */
export interface RowSink {
  write(rows: Pixels): Promise<void>;
}

interface TileStyle {
  code: StyleCode;
  look: Look;
  statistics: Statistics;
}

/**
 * Stylizes an image tile by tile, with norm statistics taken once from crops spread over it, after the
 * idea of thumbnail instance normalization (Chen et al., AAAI 2022). Gives the same pixels as one run
 * over the whole image under the same statistics, in the memory of one row of tiles.
 *
 * @param onTile called with the number of finished tiles and of all tiles, after each tile.
 */
export async function stylizeTiled(
  source: RowSource,
  sink: RowSink,
  code: StyleCode,
  look: Look,
  runner: ImageRunner,
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
  runner: ImageRunner,
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

/**
 * Combines the statistics of batches of equal size, given as pairs of mean and 1/deviation: the mean of
 * the means, and the deviation from it.
 */
export function poolStatistics(batches: readonly Statistics[]): Statistics {
  const pooled = new Float32Array(batches[0]?.length ?? 0);
  for (let i = 0; i < pooled.length; i += 2) {
    let mean = 0;
    let square = 0;
    for (const batch of batches) {
      const batchMean = batch[i]!;
      mean += batchMean / batches.length;
      square += (batchMean ** 2 + batch[i + 1]! ** -2) / batches.length;
    }
    pooled[i] = mean;
    pooled[i + 1] = (square - mean ** 2) ** -0.5;
  }
  return pooled;
}

async function stylizeRow(
  source: RowSource,
  tiles: readonly Tile[],
  style: TileStyle,
  runner: ImageRunner,
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
    // The buffer of a finished tile is reused for the next one.
    let data: Uint8Array<ArrayBuffer> | undefined;
    for (const tile of waiting) {
      const content = cutArea(band, { ...tile.input, top: 0 }, data);
      const origin = { left: tile.input.left, top: tile.input.top };
      const stylized = await runner.run({ kind: 'stylize', content, origin, ...style });
      const { left, top } = tile.kept;
      const from = { ...tile.kept, left: left - origin.left, top: top - origin.top };
      pasteArea(stylized, from, result, { ...tile.kept, top: 0 });
      ({ data } = stylized);
      onTile();
    }
  };
  await Promise.all(Array.from({ length: runner.size }, lane));
  return result;
}
