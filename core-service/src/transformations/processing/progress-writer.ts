import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ChangeFeed } from '../../events/change-feed.js';
import type { Progress } from '../transformation.js';
import { TransformationsRepository } from '../transformations.repository.js';

/** Pause between two writes. */
const PAUSE_MS = 1_000;

/** Writes the progress of transformations while they are stylized. */
@Injectable()
export class ProgressWriter {
  private readonly logger = new Logger(ProgressWriter.name);

  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly changes: ChangeFeed,
  ) {}

  async during<T>(
    id: string,
    work: (onProgress: (done: number, total: number) => void) => Promise<T>,
  ): Promise<T> {
    const report = new ProgressReport((progress) => this.write(id, progress));
    try {
      return await work((tilesDone, tilesTotal) => report.tell({ tilesDone, tilesTotal }));
    } finally {
      await report.end();
    }
  }

  /** Only information: an image does not fail because of it. */
  private async write(id: string, progress: Progress): Promise<void> {
    try {
      if (await this.transformations.writeProgress(id, progress)) this.changes.announceProgress(id);
    } catch (error) {
      this.logger.warn(`the progress of ${id} was not written: ${String(error)}`);
    }
  }
}

/** Writes progress at most once a second, one write at a time, and always the last. */
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

  /** Resolves when the latest progress is written. */
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
