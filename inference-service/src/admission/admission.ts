import { Busy } from '../service-error.js';
import { Semaphore } from './semaphore.js';

export interface AdmissionOptions {
  /** Requests inside beyond those in work: uploading, or waiting for their turn. */
  queueLimit: number;
  /** Uploads held in memory at once. */
  bodyBytes: number;
  /** Pixels held decoded at once. */
  decodedPixels: number;
}

/** So many pictures that go by tiles may wait for their turn without filling the memory for uploads. */
const WAITING_UPLOADS = 8;

const LARGE_RETRY_SECONDS = 5;

/** Weight of the newest duration in the running mean. */
const NEWEST = 0.2;

/** Who may come in, whose turn it is, and how much memory all of them hold together. */
export class Admission {
  private inside = 0;
  private concurrency = 1;
  private meanTurnMs = 500;
  private readonly turns: Semaphore;
  /** Takes minutes and hundreds of megabytes of disk: one at a time, and never in the others' way. */
  private readonly largeTurn = new Semaphore(1);
  private readonly bodies: Semaphore;
  private readonly pixels: Semaphore;
  private readonly onEmpty: (() => void)[] = [];

  constructor(private readonly options: AdmissionOptions) {
    this.turns = new Semaphore(this.concurrency);
    this.bodies = new Semaphore(options.bodyBytes);
    this.pixels = new Semaphore(options.decodedPixels);
  }

  /** @param concurrency pictures in work at once, beside one that goes by tiles. */
  allow(concurrency: number): void {
    this.concurrency = concurrency;
    this.turns.resize(concurrency);
  }

  get running(): number {
    return this.turns.held + this.largeTurn.held;
  }

  /** Requests inside that are not in work. */
  get queued(): number {
    return this.inside - this.running;
  }

  /** @throws Busy at once when every place is taken. */
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

  /** Room for an upload, from before it is read until its picture is answered. */
  withBody<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.bodies.hold(bytes, signal, work);
  }

  /** A turn in work for a picture of which so many pixels are held. */
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
   * The turn of a picture that goes by tiles.
   *
   * @param bytes of its upload, which it holds while it waits
   * @throws Busy when others would find no room for theirs meanwhile.
   */
  turnOfLarge<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.largeTurn.held > 0 && bytes > this.options.bodyBytes / WAITING_UPLOADS)
      return Promise.reject(new Busy(LARGE_RETRY_SECONDS));
    return this.largeTurn.hold(1, signal, work);
  }

  /** Fulfilled when nobody is inside. */
  empty(): Promise<void> {
    if (this.inside === 0) return Promise.resolve();
    return new Promise((resolve) => this.onEmpty.push(resolve));
  }

  /** When half of those inside will have gone, if the next are like the last. */
  private retryAfterSeconds(): number {
    const wait = (this.inside * this.meanTurnMs) / this.concurrency / 2;
    return Math.min(60, Math.max(1, Math.ceil(wait / 1000)));
  }
}
