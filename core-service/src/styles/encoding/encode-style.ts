import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ImageRejected, type ImageRejectionCode } from '@stylizer/common';
import sharp from 'sharp';
import { DomainError } from '../../common/domain-error.js';
import {
  type CallContext,
  Inference,
  InferenceError,
  type StyleCode,
} from '../../inference/inference.js';
import { withScratchFile } from '../../storage/scratch-file.js';

/**
 * The sample scene of previews: 576 x 384 pixels, JPEG, made by scripts/make-scene.ts. The path is the
 * same from src and dist.
 */
const SAMPLE_SCENE = readFileSync(new URL('../../../assets/scene.jpg', import.meta.url));

/** For all calls to the inference service including pauses, because a client is waiting. */
const DEADLINE_MS = 25_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
const RETRY_AFTER_SECONDS = 10;
/** The same as catalogue previews. */
const PREVIEW = { width: 384, height: 256, quality: 80 } as const;
const REJECTIONS: readonly string[] = [
  'UNSUPPORTED_IMAGE',
  'IMAGE_TOO_LARGE',
  'IMAGE_TOO_SMALL',
  'IMAGE_UNREADABLE',
] satisfies ImageRejectionCode[];

export interface EncodedStyle extends StyleCode {
  /** The sample scene in this style, WebP. */
  preview: Buffer;
}

/** Makes a style's code and preview from an image, by the inference service. */
@Injectable()
export class EncodeStyle {
  constructor(@Inject(Inference) private readonly inference: Inference) {}

  /**
   * Retries, for a waiting client.
   *
   * @throws DomainError INFERENCE_UNAVAILABLE
   * @throws ImageRejected
   */
  encode(
    picture: Buffer,
    trace: Pick<CallContext, 'requestId' | 'traceparent'>,
  ): Promise<EncodedStyle> {
    const until = Date.now() + DEADLINE_MS;
    const context = { ...trace, signal: AbortSignal.timeout(DEADLINE_MS) };
    return persist(() => this.encodeOnce(picture, context), until);
  }

  /** @throws InferenceError */
  async encodeOnce(picture: Buffer, context: CallContext): Promise<EncodedStyle> {
    const style = await this.inference.encodeStyle(picture, context);
    const drawn = await this.draw(style, context);
    const { width, height, quality } = PREVIEW;
    const preview = await sharp(drawn).resize(width, height).webp({ quality }).toBuffer();
    return { ...style, preview };
  }

  private async draw(style: StyleCode, context: CallContext): Promise<Buffer> {
    const request = { styles: [style], quality: 95 };
    const scene = { stream: Readable.from([SAMPLE_SCENE]), bytes: SAMPLE_SCENE.length };
    return withScratchFile(async (target) => {
      const { bytes } = await this.inference.stylize(scene, request, {
        ...context,
        target,
        onProgress: () => undefined,
      });
      return (await target.read(Buffer.alloc(bytes), 0, bytes, 0)).buffer;
    });
  }
}

/**
 * Retries a call that has no side effects.
 *
 * @param until no attempt starts after this time; milliseconds since the epoch
 */
async function persist<T>(call: () => Promise<T>, until: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof InferenceError)) throw error;
      if (error.kind === 'rejected') throw rejection(error);
      const asked = (error.particulars.retryAfterSeconds ?? 0) * 1000;
      const pause = Math.max(FIRST_PAUSE_MS * 2 ** (attempt - 1), asked) * (1 + Math.random() / 2);
      if (attempt === ATTEMPTS || Date.now() + pause >= until) throw unavailable(error);
      await delay(pause);
    }
  }
}

function rejection(error: InferenceError): Error {
  const { code = '' } = error.particulars;
  return REJECTIONS.includes(code)
    ? new ImageRejected(code as ImageRejectionCode, error.message, { cause: error })
    : error;
}

function unavailable(error: InferenceError): DomainError {
  return new DomainError(
    'INFERENCE_UNAVAILABLE',
    'Styles cannot be created at the moment. Nothing was charged; try again shortly.',
    { cause: error, retryAfterSeconds: error.particulars.retryAfterSeconds ?? RETRY_AFTER_SECONDS },
  );
}
