import type { StylizeRequest } from '@stylizer/common';
import { type CallContext, Inference, type Stylized } from '../../src/inference/inference.js';

type Conduct = (image: Buffer, context: CallContext) => Promise<Stylized>;

/** The inference port in a test's hands: at once, and the picture comes back as it went in. */
export class FakeInference extends Inference {
  ready = true;
  /** Request ids of the pictures it was given, oldest first. */
  readonly seen: string[] = [];
  /** What was asked for them. */
  readonly asked: StylizeRequest[] = [];
  conduct: Conduct = (image) => Promise.resolve({ jpeg: image, inferenceMs: 1 });

  stylize(image: Buffer, request: StylizeRequest, context: CallContext): Promise<Stylized> {
    this.seen.push(context.requestId);
    this.asked.push(request);
    return this.conduct(image, context);
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
  holdNext(): { begun: Promise<void>; release: (stylized?: Stylized) => void } {
    const begun = Promise.withResolvers<undefined>();
    const gate = Promise.withResolvers<Stylized | undefined>();
    const usual = this.conduct;
    this.conduct = async (image, context) => {
      this.conduct = usual;
      begun.resolve(undefined);
      return (await gate.promise) ?? usual(image, context);
    };
    return { begun: begun.promise, release: gate.resolve };
  }
}
