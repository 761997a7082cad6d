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
import { centreSquare, decodePicture, decodeStyle } from './decode.js';
import { encodeJpeg } from './encode-jpeg.js';
import type { Scratch } from './scratch.js';
import { type Answer, stylizeOnDisk } from './stylize-on-disk.js';
import { type PictureRunner, stylizeWhole } from './stylize-pixels.js';
import type { Look, TaskRunner } from './task.js';
import type { Timings } from './timings.js';

export interface StylizeOptions {
  /** Of the style, blended already. */
  code: StyleCode;
  /** 0 gives the photograph back, 1 the full style. */
  strength: number;
  preserveColors: boolean;
  /** Of the result, in pixels. */
  maxSize?: number | undefined;
  /** Size of the strokes relative to those made at the result's own resolution. */
  strokeScale: number;
  /** JPEG quality, 1..100. */
  quality: number;
}

/** What a request comes to, known before anything is decoded. */
export interface Plan {
  facts: ImageFacts;
  /** Of the JPG. */
  output: Size;
  /** At which the network works. */
  work: Size;
  /** Whether the network works on it by tiles, from disk. */
  large: boolean;
  /** Pixels in memory at once where it does not. */
  heldPixels: number;
}

export interface Job {
  signal: AbortSignal;
  timings: Timings;
  /** Called with tiles done and tiles in all, for pictures that go by tiles. */
  onTile?: (done: number, total: number) => void;
}

/** Photograph in, JPG out: decode, tensor, tiles, network, compose, encode. */
export class Stylizer {
  constructor(
    private readonly runner: TaskRunner,
    private readonly limits: ImageLimits,
    /** Larger pictures go by tiles. */
    private readonly wholeImageMaxPixels: number,
    private readonly scratch: Scratch,
  ) {}

  /** @throws ImageRejected when the result would have more pixels than are given out. */
  plan(
    facts: ImageFacts,
    { maxSize, strokeScale }: Pick<StylizeOptions, 'maxSize' | 'strokeScale'>,
  ): Plan {
    const output = outputSize(facts, maxSize);
    this.admit(output, 'The result would have', 'Choose a smaller maxSize.');
    const work = strokeSize(output, strokeScale);
    this.admit(
      work,
      'At this strokeScale the network would work on',
      'Choose a larger strokeScale.',
    );
    const heldPixels = Math.max(facts.streamable ? 0 : area(facts), area(output), area(work));
    return { facts, output, work, large: area(work) > this.wholeImageMaxPixels, heldPixels };
  }

  /**
   * @param picture the file, given away: nothing of it is kept once it is decoded.
   * @throws ImageRejected, Abandoned, ServiceError
   */
  async stylize(
    picture: { bytes: Buffer },
    plan: Plan,
    options: StylizeOptions,
    job: Job,
  ): Promise<Answer> {
    const runner = this.runnerOf(job);
    const lookAt = async (square: () => Promise<Pixels>) => this.lookOf(options, square, runner);
    if (plan.large) {
      const { limits, scratch } = this;
      return stylizeOnDisk(picture, plan, options.quality, lookAt, {
        ...job,
        limits,
        scratch,
        runner,
      });
    }
    const { timings, signal } = job;
    const photo = await timings.measure(
      'decode',
      decodePicture(picture.bytes, plan.work, this.limits),
    );
    signal.throwIfAborted();
    const { code, look } = await lookAt(() => centreSquare(photo));
    const styled = code ? await stylizeWhole(photo, code, look, runner) : photo;
    signal.throwIfAborted();
    const jpeg = await timings.measure('encode', encodeJpeg(styled, plan.output, options.quality));
    return { body: jpeg, bytes: jpeg.length };
  }

  /** The code of a picture's style. */
  async encodeStyle(bytes: Buffer, job: Job): Promise<StyleCode> {
    const picture = await job.timings.measure('decode', decodeStyle(bytes, this.limits));
    return codeOf(picture, this.runnerOf(job));
  }

  /** The code to use, none where the photograph is to come back; and what is mixed in of it. */
  private async lookOf(
    { code, strength, preserveColors }: StylizeOptions,
    square: () => Promise<Pixels>,
    runner: PictureRunner,
  ): Promise<{ code: StyleCode | undefined; look: Look }> {
    const look = { preserveColors, photoShare: photoShare(strength) };
    if (strength === 0) return { code: undefined, look };
    if (strength === 1) return { code, look };
    const own = await codeOf(await square(), runner);
    const shares = [
      { code, weight: strength },
      { code: own, weight: 1 - strength },
    ];
    return { code: blendCodes(shares), look };
  }

  private admit({ width, height }: Size, what: string, remedy: string): void {
    const { maxPixels } = this.limits;
    if (width * height <= maxPixels && Math.max(width, height) <= MAX_SIDE) return;
    const detail = `${what} ${width} x ${height} pixels; at most ${maxPixels / 1e6} megapixels and ${MAX_SIDE} pixels a side are given. ${remedy}`;
    throw new ImageRejected('IMAGE_TOO_LARGE', detail);
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

const area = ({ width, height }: Size) => width * height;

function codeOf(square: Pixels, runner: PictureRunner): Promise<StyleCode> {
  // libvips' own memory cannot be handed to a thread: a copy can.
  return runner.run({ kind: 'encode', picture: { ...square, data: square.data.slice() } });
}
