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

/** An inference port that the test controls; by default it returns the image unchanged, at once. */
export class FakeInference extends Inference {
  ready = true;
  /** The model of the next call: it makes codes, and accepts only its own. */
  model: () => string = () => 'model-1';
  /** Request ids of the images it received, oldest first. */
  readonly seen: string[] = [];
  /** The options of those requests. */
  readonly asked: StylizeRequest[] = [];
  /** Request ids of the style images it received. */
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

  /** Codes of the real length, derived from the image alone. */
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

  /** Holds the next image until `release`; `begun` resolves when it has arrived. */
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

  /** Holds the next style image until `release`; `begun` resolves when it has arrived. */
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
