import { setTimeout as delay } from 'node:timers/promises';

/** Pauses that double from the first to the longest, each longer or shorter by up to a quarter at random. */
export class Backoff {
  private nextMs: number;

  constructor(
    firstMs: number,
    private readonly mostMs: number,
  ) {
    this.nextMs = firstMs;
  }

  /**
   * @param atLeastSeconds what the other side asked for (`Retry-After`)
   * @throws AbortError
   */
  async pause(signal: AbortSignal, atLeastSeconds = 0): Promise<void> {
    const ms = Math.max(this.nextMs, atLeastSeconds * 1000) * (0.75 + Math.random() / 2);
    this.nextMs = Math.min(this.nextMs * 2, this.mostMs);
    await delay(ms, undefined, { signal });
  }
}
