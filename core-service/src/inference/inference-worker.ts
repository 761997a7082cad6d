import type { StylizeRequest } from '@stylizer/common';
import type { CallContext } from './inference.js';

/** One stored image to be stylized into another. */
export interface StylizeOrder {
  /** Storage key of the upload, a JPEG. */
  originalKey: string;
  /** The JPG is stored as `<resultPrefix>-<start of its SHA-256>.jpg`. */
  resultPrefix: string;
  request: StylizeRequest;
}

/** The stored JPG. Named by its content: one that comes late never overwrites the one that was paid for. */
export interface StylizedImage {
  resultKey: string;
  bytes: number;
  /** SHA-256, hexadecimal. */
  digest: string;
  /** Milliseconds that the network ran. */
  inferenceMs: number;
}

export interface OrderContext extends CallContext {
  /** Called as tiles are done; never for an image that runs in one piece. */
  onProgress(done: number, total: number): void;
}

/** What a job asks of an inference worker, wherever that worker runs and however it is reached. */
export abstract class InferenceWorker {
  /**
   * Resolves when a worker takes work.
   *
   * @throws AbortError
   */
  abstract untilReady(signal: AbortSignal): Promise<void>;

  /**
   * Waits as long as no worker takes the order.
   *
   * @throws InferenceError `rejected` | `mismatch` | `failed`
   * @throws DomainError STORAGE_FULL | STORAGE_UNAVAILABLE
   */
  abstract stylize(order: StylizeOrder, context: OrderContext): Promise<StylizedImage>;
}
