import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from '../transformation.js';

/** Between two writes, in milliseconds. */
const PAUSE_MS = 1_000;

/** Writes down how far a picture is: about once a second at most, one write at a time, and the last. */
export class ProgressReport {
  private latest?: Progress;
  private writing?: Promise<void>;
  private readonly ending = new AbortController();

  /** @param write never rejects */
  constructor(
    private readonly write: (progress: Progress) => Promise<void>,
    private readonly pauseMs = PAUSE_MS,
  ) {}

  tell(progress: Progress): void {
    this.latest = progress;
    this.writing ??= this.writeOn();
  }

  /** What was told last is written when it resolves. */
  async end(): Promise<void> {
    this.ending.abort();
    await this.writing;
  }

  private async writeOn(): Promise<void> {
    while (this.latest) {
      const progress = this.latest;
      this.latest = undefined;
      await this.write(progress);
      await delay(this.pauseMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
    this.writing = undefined;
  }
}
