import type { Readable } from 'node:stream';
import type { ImageLimits } from '@stylizer/common';
import type { Pixels, StyleCode } from '../engine/engine.js';
import { centreSquareOf, decodeToTiff } from './decode.js';
import { encodeTiff } from './encode-jpeg.js';
import { streamWithSrgb } from './icc-segment.js';
import { diskFull, isDiskFull, type Scratch, type ScratchFolder } from './scratch.js';
import type { Job, Plan } from './stylize-picture.js';
import { type PictureRunner, stylizeTiled } from './stylize-pixels.js';
import type { Look } from './task.js';
import { TiffSink, TiffSource } from './tiff-file.js';

/** The JPG, in memory or on its way from disk. */
export interface Answer {
  body: Buffer | Readable;
  bytes: number;
}

export interface DiskJob extends Job {
  limits: ImageLimits;
  scratch: Scratch;
  runner: PictureRunner;
}

type LookAt = (
  square: () => Promise<Pixels>,
) => Promise<{ code: StyleCode | undefined; look: Look }>;

/**
 * Stylises a picture that is larger than one run, in the memory of a row of tiles whatever its size:
 * decoded to a file, read and written row of tiles by row of tiles, encoded from a file.
 */
export async function stylizeOnDisk(
  picture: { bytes: Buffer },
  plan: Plan,
  quality: number,
  lookAt: LookAt,
  job: DiskJob,
): Promise<Answer> {
  const { output, work } = plan;
  // Both TIFFs, and a JPG at its very worst.
  const pixels = 2 * work.width * work.height + output.width * output.height;
  const folder = await job.scratch.folder(3 * pixels);
  try {
    return await run(folder, picture, plan, quality, lookAt, job);
  } catch (error) {
    throw isDiskFull(error) ? diskFull(error) : error;
  } finally {
    // The JPG is open by now: however slowly it is read, it takes no more than its own room.
    await folder.remove();
  }
}

async function run(
  folder: ScratchFolder,
  picture: { bytes: Buffer },
  { output, work }: Plan,
  quality: number,
  lookAt: LookAt,
  { signal, timings, limits, runner, onTile }: DiskJob,
): Promise<Answer> {
  const photo = folder.file('photo.tif');
  const decoding = decodeToTiff(picture.bytes, work, limits, photo);
  picture.bytes = Buffer.alloc(0);
  await timings.measure('decode', decoding);
  signal.throwIfAborted();
  const { code, look } = await lookAt(() => centreSquareOf(photo));
  const styled = code ? folder.file('styled.tif') : photo;
  if (code) {
    const source = await TiffSource.open(photo);
    try {
      const sink = await TiffSink.create(styled, work);
      await stylizeTiled(source, sink, code, look, runner, onTile).finally(() => sink.close());
    } finally {
      await source.close();
    }
  }
  signal.throwIfAborted();
  const jpeg = folder.file('result.jpg');
  await timings.measure('encode', encodeTiff(styled, work, output, quality, jpeg));
  return streamWithSrgb(jpeg);
}
