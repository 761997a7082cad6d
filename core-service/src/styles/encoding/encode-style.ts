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
 * What styles are shown on: 576 x 384 pixels of our own sample, JPEG. Made by scripts/make-scene.ts;
 * at the same place relative to src and dist.
 */
const SAMPLE_SCENE = readFileSync(new URL('../../../assets/scene.jpg', import.meta.url));

/** For everything that is asked of the inference service, pauses included: a client waits for it. */
const DEADLINE_MS = 25_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
const RETRY_AFTER_SECONDS = 10;
/** As the catalogue's previews. */
const PREVIEW = { width: 384, height: 256, quality: 80 } as const;
const REJECTIONS: readonly string[] = [
  'UNSUPPORTED_IMAGE',
  'IMAGE_TOO_LARGE',
  'IMAGE_TOO_SMALL',
  'IMAGE_UNREADABLE',
] satisfies ImageRejectionCode[];

export interface EncodedStyle extends StyleCode {
  /** WebP of what the style makes of the sample scene. */
  preview: Buffer;
}

/** A picture in, by way of the inference service: the style's code and its preview. */
@Injectable()
export class EncodeStyle {
  constructor(@Inject(Inference) private readonly inference: Inference) {}

  /**
   * For a client that waits: tried several times.
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
 * The call may be repeated: it leaves nothing behind.
 *
 * @param until no attempt is begun after that; milliseconds since the epoch
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
    'The style cannot be made at the moment. Nothing was charged; try again shortly.',
    { cause: error, retryAfterSeconds: error.particulars.retryAfterSeconds ?? RETRY_AFTER_SECONDS },
  );
}
