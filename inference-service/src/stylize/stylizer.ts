import {
  type ImageFacts,
  type ImageLimits,
  ImageRejected,
  MAX_SIDE,
  outputSize,
  type Size,
  strokeSize,
} from '@stylizer/common';
import type { Pixels, StyleCode } from '../engine/engine.js';
import { blendCodes, photoShare } from './blend.js';
import { centerSquare, decodeImage, decodeStyle, encodeJpeg, type Jpeg } from './image-codec.js';
import { cutArea, networkSize, wholeArea } from './pad.js';
import type { Scratch } from './scratch.js';
import { stylizeOnDisk } from './stylize-tiled.js';
import type { ImageRunner, Look, TaskRunner } from './task.js';
import type { Timings } from './timings.js';

export interface StylizeOptions {
  /** Of the style, or of the blend of several. */
  code: StyleCode;
  /** 0 returns the photo, 1 the full style. */
  strength: number;
  preserveColors: boolean;
  /** Longest side of the output, in pixels. */
  maxSize?: number | undefined;
  /** Size of the strokes relative to those made at the output's own resolution. */
  strokeScale: number;
  /** JPEG quality, 1..100. */
  quality: number;
}

/** The sizes of a job, known before anything is decoded. */
export interface Plan {
  /** Of the JPG. */
  output: Size;
  /** The network's working resolution. */
  work: Size;
  /** Whether the image is stylized in tiles, from disk. */
  large: boolean;
  /** Pixels in memory at once when it is not. */
  heldPixels: number;
}

export interface Job {
  signal: AbortSignal;
  timings: Timings;
  /** Called with the number of finished tiles and of all tiles, for tiled images. */
  onTile?: (done: number, total: number) => void;
}

/** Upload in, JPG out: decode, run the network on an inference thread, encode. */
export class Stylizer {
  constructor(
    private readonly runner: TaskRunner,
    private readonly limits: ImageLimits,
    /** Larger images are stylized in tiles. */
    private readonly wholeImageMaxPixels: number,
    private readonly scratch: Scratch,
  ) {}

  /** @throws ImageRejected when the output, or the network's working resolution, is too large. */
  plan(
    facts: ImageFacts,
    { maxSize, strokeScale }: Pick<StylizeOptions, 'maxSize' | 'strokeScale'>,
  ): Plan {
    const output = outputSize(facts, maxSize);
    this.checkSize(output, 'The output would have', 'Choose a smaller maxSize.');
    const work = strokeSize(output, strokeScale);
    this.checkSize(
      work,
      'At this strokeScale the network would work on',
      'Choose a larger strokeScale.',
    );
    const heldPixels = Math.max(facts.streamable ? 0 : area(facts), area(output), area(work));
    return { output, work, large: area(work) > this.wholeImageMaxPixels, heldPixels };
  }

  /**
   * @param upload is emptied as soon as the image is decoded, to free its memory.
   * @throws ImageRejected, ClientGone, ServiceError
   */
  async stylize(
    upload: { bytes: Buffer },
    { output, work, large }: Plan,
    options: StylizeOptions,
    job: Job,
  ): Promise<Jpeg> {
    const { limits, scratch } = this;
    const { signal, timings } = job;
    const { quality } = options;
    const runner = this.runnerFor(job);
    const styleFor = (photo: Pixels | string) => styleOf(options, photo, runner);
    if (large) {
      const sizes = { output, work, quality };
      return stylizeOnDisk({ upload, ...sizes, ...job, limits, scratch, runner, styleFor });
    }
    const photo = await timings.measure('decode', decodeImage(upload.bytes, work, limits));
    signal.throwIfAborted();
    const { code, look } = await styleFor(photo);
    const stylized = code ? await stylizeWhole(photo, code, look, runner) : photo;
    signal.throwIfAborted();
    return timings.measure('encode', encodeJpeg(stylized, output, quality));
  }

  /** The style code of an image. */
  async encodeStyle(bytes: Buffer, job: Job): Promise<StyleCode> {
    const square = await job.timings.measure('decode', decodeStyle(bytes, this.limits));
    return encode(square, this.runnerFor(job));
  }

  private checkSize({ width, height }: Size, what: string, remedy: string): void {
    const { maxPixels } = this.limits;
    if (width * height <= maxPixels && Math.max(width, height) <= MAX_SIDE) return;
    const detail = `${what} ${width} x ${height} pixels; the limit is ${maxPixels / 1e6} megapixels and ${MAX_SIDE} pixels a side. ${remedy}`;
    throw new ImageRejected('IMAGE_TOO_LARGE', detail);
  }

  private runnerFor({ signal, timings }: Job): ImageRunner {
    return {
      size: this.runner.size,
      run: async (task) => {
        const { result, waitedMs, ranMs } = await this.runner.run(task, signal);
        timings.add('queue', waitedMs);
        timings.add('infer', ranMs);
        return result;
      },
    };
  }
}

/** Stylizes an image of any size in one run, padded by reflection to a size that the network takes. */
export async function stylizeWhole(
  photo: Pixels,
  code: StyleCode,
  look: Look,
  runner: ImageRunner,
): Promise<Pixels> {
  const padded = networkSize(photo);
  const fits = padded.width === photo.width && padded.height === photo.height;
  const content = cutArea(photo, wholeArea(padded));
  const stylized = await runner.run({ kind: 'stylize', content, code, look });
  return fits ? stylized : cutArea(stylized, wholeArea(photo));
}

/**
 * The code to stylize a photo with at the requested strength; no code at strength 0.
 *
 * @param photo decoded, or the path of its TIFF.
 */
async function styleOf(
  { code, strength, preserveColors }: StylizeOptions,
  photo: Pixels | string,
  runner: ImageRunner,
): Promise<{ code: StyleCode | undefined; look: Look }> {
  const look = { preserveColors, photoShare: photoShare(strength) };
  if (strength === 0) return { code: undefined, look };
  if (strength === 1) return { code, look };
  const photoCode = await encode(await centerSquare(photo), runner);
  const codes = [
    { code, weight: strength },
    { code: photoCode, weight: 1 - strength },
  ];
  return { code: blendCodes(codes), look };
}

const area = ({ width, height }: Size) => width * height;

function encode(square: Pixels, runner: ImageRunner): Promise<StyleCode> {
  // Memory of libvips cannot be transferred to a thread; a copy can.
  return runner.run({ kind: 'encode', image: { ...square, data: square.data.slice() } });
}
