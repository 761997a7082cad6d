import { Inject, Injectable } from '@nestjs/common';
import { Backoff } from '../common/backoff.js';
import { ObjectStorage } from '../storage/object-storage.js';
import { readerOf, withScratchFile } from '../storage/scratch-file.js';
import { Inference, InferenceError, type Picture, type StylizeContext } from './inference.js';
import {
  InferenceWorker,
  type OrderContext,
  type StylizedImage,
  type StylizeOrder,
} from './inference-worker.js';

/** Between two tries at a service that takes no work. */
const backoff = () => new Backoff(100, 5_000);

/** The inference service over HTTP; images pass through nameless files, not through memory. */
@Injectable()
export class HttpInferenceWorker extends InferenceWorker {
  constructor(
    @Inject(Inference) private readonly inference: Inference,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
  ) {
    super();
  }

  async untilReady(signal: AbortSignal): Promise<void> {
    for (const wait = backoff(); !(await this.inference.isReady());) await wait.pause(signal);
  }

  /** The original is fetched first: a storage does not wait until the service reads on. */
  stylize(order: StylizeOrder, context: OrderContext): Promise<StylizedImage> {
    return withScratchFile((source) =>
      withScratchFile(async (target) => {
        const original = await this.storage.get(order.originalKey);
        if (!original) throw new Error(`${order.originalKey} is not in the storage`);
        await source.writeFile(original.stream);
        const picture = () => ({ stream: readerOf(source), bytes: original.bytes });
        const stylized = await this.untilTaken(picture, order, { ...context, target });
        const { bytes, digest } = stylized;
        const resultKey = `${order.resultPrefix}-${digest.slice(0, 16)}.jpg`;
        const open = () => readerOf(target);
        await this.storage.put(resultKey, { bytes, digest, open }, 'image/jpeg');
        return { resultKey, ...stylized };
      }),
    );
  }

  private async untilTaken(
    picture: () => Picture,
    { request }: StylizeOrder,
    context: StylizeContext,
  ) {
    for (const wait = backoff(); ;) {
      try {
        return await this.inference.stylize(picture(), request, context);
      } catch (error) {
        if (!(error instanceof InferenceError) || error.kind !== 'unavailable') throw error;
        await wait.pause(context.signal, error.particulars.retryAfterSeconds);
      }
    }
  }
}
