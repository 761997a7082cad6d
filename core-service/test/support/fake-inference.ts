import { createHash } from 'node:crypto';
import type { StylizeRequest } from '@stylizer/common';
import {
  type CallContext,
  Inference,
  InferenceError,
  type Picture,
  type StyleCode,
  type Stylized,
  type StylizeContext,
} from '../../src/inference/inference.js';
import { readAll } from '../../src/storage/object-storage.js';

interface Painted {
  jpeg: Buffer;
  inferenceMs: number;
}

type Conduct = (image: Buffer, context: StylizeContext) => Promise<Painted>;

/** The inference port in a test's hands: at once, and the picture comes back as it went in. */
export class FakeInference extends Inference {
  ready = true;
  /** Which model the next call meets: it makes codes, and takes none but its own. */
  model: () => string = () => 'model-1';
  /** Request ids of the pictures it was given, oldest first. */
  readonly seen: string[] = [];
  /** What was asked for them. */
  readonly asked: StylizeRequest[] = [];
  /** Request ids of the style pictures it was given. */
  readonly encoded: string[] = [];
  encode: (image: Buffer, context: CallContext, model: string) => Promise<number[]> = (image) =>
    Promise.resolve(Array.from({ length: 128 }, (_, i) => Math.fround((image[i] ?? 0) / 255)));
  conduct: Conduct = (image) => Promise.resolve({ jpeg: image, inferenceMs: 1 });

  async stylize(
    image: Picture,
    request: StylizeRequest,
    context: StylizeContext,
  ): Promise<Stylized> {
    this.seen.push(context.requestId);
    this.asked.push(request);
    const model = this.model();
    if (request.styles.some((style) => 'model' in style && style.model !== model)) {
      image.stream.destroy();
      throw new InferenceError('mismatch', 'made by another model');
    }
    const { jpeg, inferenceMs } = await this.conduct(await readAll(image), context);
    await context.target.writeFile(jpeg);
    const digest = createHash('sha256').update(jpeg).digest('hex');
    return { bytes: jpeg.length, digest, inferenceMs };
  }

  /** Codes of the length of the real ones; which one depends on the picture alone. */
  async encodeStyle(image: Buffer, context: CallContext): Promise<StyleCode> {
    this.encoded.push(context.requestId);
    const model = this.model();
    return { code: await this.encode(image, context, model), model };
  }

  isReady(): Promise<boolean> {
    return Promise.resolve(this.ready);
  }

  styles() {
    return Promise.resolve([{ id: 'starry-night', name: 'The Starry Night' }]);
  }

  preview(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** The next picture is kept until `release`; `begun` resolves when it is there. */
  holdNext(): { begun: Promise<void>; release: (painted?: Painted) => void } {
    const begun = Promise.withResolvers<undefined>();
    const gate = Promise.withResolvers<Painted | undefined>();
    const usual = this.conduct;
    this.conduct = async (image, context) => {
      this.conduct = usual;
      begun.resolve(undefined);
      return (await gate.promise) ?? usual(image, context);
    };
    return { begun: begun.promise, release: gate.resolve };
  }

  /** The next style picture is kept until `release`; `begun` resolves when it is there. */
  holdNextEncoding(): { begun: Promise<void>; release: () => void } {
    const begun = Promise.withResolvers<undefined>();
    const gate = Promise.withResolvers<undefined>();
    const usual = this.encode;
    this.encode = async (...call) => {
      this.encode = usual;
      begun.resolve(undefined);
      await gate.promise;
      return usual(...call);
    };
    return { begun: begun.promise, release: () => gate.resolve(undefined) };
  }
}
