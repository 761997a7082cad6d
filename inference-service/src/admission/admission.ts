import { Busy } from '../errors.js';
import { Semaphore } from './semaphore.js';

export interface AdmissionOptions {
  /** Requests that may upload or wait while all turns are taken. */
  queueLimit: number;
  /** Bytes of uploads in memory at once. */
  bodyBytes: number;
  /** Decoded pixels in memory at once. */
  decodedPixels: number;
}

/** Large images that may wait for their turn without filling the upload memory. */
const WAITING_UPLOADS = 8;

const LARGE_RETRY_SECONDS = 5;

/** Weight of the newest duration in the running mean. */
const NEWEST = 0.2;

/** Limits how many requests wait, how many run, and the memory they hold. */
export class Admission {
  private inside = 0;
  private concurrency = 1;
  private meanTurnMs = 500;
  private readonly turns: Semaphore;
  /** Large images take minutes and hundreds of megabytes of disk: one at a time, beside the small ones. */
  private readonly largeTurn = new Semaphore(1);
  private readonly bodies: Semaphore;
  private readonly pixels: Semaphore;
  private readonly onEmpty: (() => void)[] = [];

  constructor(private readonly options: AdmissionOptions) {
    this.turns = new Semaphore(this.concurrency);
    this.bodies = new Semaphore(options.bodyBytes);
    this.pixels = new Semaphore(options.decodedPixels);
  }

  /** @param concurrency images processed at once, beside one large image. */
  allow(concurrency: number): void {
    this.concurrency = concurrency;
    this.turns.resize(concurrency);
  }

  get running(): number {
    return this.turns.held + this.largeTurn.held;
  }

  /** Requests accepted and not yet running. */
  get queued(): number {
    return this.inside - this.running;
  }

  /** @throws Busy when the queue is full. */
  async enter<T>(visit: () => Promise<T>): Promise<T> {
    if (this.inside >= this.concurrency + this.options.queueLimit)
      throw new Busy(this.retryAfterSeconds());
    this.inside++;
    try {
      return await visit();
    } finally {
      this.inside--;
      if (this.inside === 0) this.onEmpty.splice(0).forEach((resolve) => resolve());
    }
  }

  /** Reserves memory for an upload, from before it is read until the response is ready. */
  withBody<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.bodies.hold(bytes, signal, work);
  }

  /** Waits for a turn and for decoded-pixel memory, then runs `work`. */
  turn<T>(pixels: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.turns.hold(1, signal, () =>
      this.pixels.hold(pixels, signal, async () => {
        const began = performance.now();
        const result = await work();
        this.meanTurnMs += NEWEST * (performance.now() - began - this.meanTurnMs);
        return result;
      }),
    );
  }

  /**
   * The turn of a tiled image.
   *
   * @param bytes of its upload, which stays in memory while it waits
   * @throws Busy when that would leave too little upload memory for others.
   */
  turnOfLarge<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.largeTurn.held > 0 && bytes > this.options.bodyBytes / WAITING_UPLOADS)
      return Promise.reject(new Busy(LARGE_RETRY_SECONDS));
    return this.largeTurn.hold(1, signal, work);
  }

  /** Resolves when no request is left. */
  empty(): Promise<void> {
    if (this.inside === 0) return Promise.resolve();
    return new Promise((resolve) => this.onEmpty.push(resolve));
  }

  /** Until half of the accepted requests are done, at the recent pace. */
  private retryAfterSeconds(): number {
    const wait = (this.inside * this.meanTurnMs) / this.concurrency / 2;
    return Math.min(60, Math.max(1, Math.ceil(wait / 1000)));
  }
}
