import { type ImageLimits, ImageRejected, type ImageFacts, outputSize } from '@stylizer/common';
import type { StyleCode } from '../engine/engine.js';
import { blendCodes, photoShare } from './blend.js';
import { centreSquare, decodePicture, decodeStyle } from './decode.js';
import { encodeJpeg } from './encode-jpeg.js';
import type { Pixels } from './pixels.js';
import { type PictureRunner, stylizeTiled, stylizeWhole } from './stylize-pixels.js';
import type { TaskRunner } from './task.js';
import type { Timings } from './timings.js';

export interface StylizeOptions {
  /** Of the style, blended already. */
  code: StyleCode;
  /** 0 gives the photograph back, 1 the full style. */
  strength: number;
  preserveColors: boolean;
  /** Of the result, in pixels. */
  maxSize?: number | undefined;
  /** JPEG quality, 1..100. */
  quality: number;
}

export interface StylizedPicture {
  jpeg: Buffer;
  width: number;
  height: number;
}

export interface Job {
  signal: AbortSignal;
  timings: Timings;
}

/** Photograph in, JPG out: decode, tensor, tiles, network, compose, encode. */
export class Stylizer {
  constructor(
    private readonly runner: TaskRunner,
    private readonly limits: ImageLimits,
    /** Larger pictures go by tiles. */
    private readonly wholeImageMaxPixels: number,
  ) {}

  /**
   * The size of the result, known before anything is decoded.
   *
   * @throws ImageRejected when it would have more pixels than are given out.
   */
  resultSize(facts: ImageFacts, maxSize: number | undefined): { width: number; height: number } {
    const size = outputSize(facts, maxSize);
    if (size.width * size.height > this.limits.maxPixels) {
      const megapixels = this.limits.maxPixels / 1e6;
      const detail = `The result would have ${size.width} x ${size.height} pixels; at most ${megapixels} megapixels are given. Choose a smaller maxSize.`;
      throw new ImageRejected('IMAGE_TOO_LARGE', detail);
    }
    return size;
  }

  /**
   * @param facts from `inspectImage` of the same bytes.
   * @throws ImageRejected, Abandoned, ServiceError
   */
  async stylize(
    bytes: Buffer,
    facts: ImageFacts,
    options: StylizeOptions,
    job: Job,
  ): Promise<StylizedPicture> {
    const { timings } = job;
    const size = this.resultSize(facts, options.maxSize);
    const photo = await timings.measure('decode', decodePicture(bytes, size, this.limits));
    job.signal.throwIfAborted();
    const styled = await this.apply(photo, options, this.runnerOf(job));
    job.signal.throwIfAborted();
    const jpeg = await timings.measure('encode', encodeJpeg(styled, options.quality));
    return { jpeg, ...size };
  }

  /** The code of a picture's style. */
  async encodeStyle(bytes: Buffer, job: Job): Promise<StyleCode> {
    const picture = await job.timings.measure('decode', decodeStyle(bytes, this.limits));
    return this.codeOf(picture, this.runnerOf(job));
  }

  private async apply(
    photo: Pixels,
    options: StylizeOptions,
    runner: PictureRunner,
  ): Promise<Pixels> {
    const { strength, preserveColors } = options;
    if (strength === 0) return photo;
    const code = strength === 1 ? options.code : await this.weaken(photo, options, runner);
    const look = { preserveColors, photoShare: photoShare(strength) };
    const fits = photo.width * photo.height <= this.wholeImageMaxPixels;
    return (fits ? stylizeWhole : stylizeTiled)(photo, code, look, runner);
  }

  /** The style's code, blended with the photograph's own. */
  private async weaken(
    photo: Pixels,
    { code, strength }: StylizeOptions,
    runner: PictureRunner,
  ): Promise<StyleCode> {
    const own = await this.codeOf(await centreSquare(photo), runner);
    return blendCodes([
      { code, weight: strength },
      { code: own, weight: 1 - strength },
    ]);
  }

  private codeOf(square: Pixels, runner: PictureRunner): Promise<StyleCode> {
    // libvips' own memory cannot be handed to a thread: a copy can.
    return runner.run({ kind: 'encode', picture: { ...square, data: square.data.slice() } });
  }

  private runnerOf({ signal, timings }: Job): PictureRunner {
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
