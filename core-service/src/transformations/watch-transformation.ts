import { Injectable } from '@nestjs/common';
import { Shutdown } from '../common/shutdown.js';
import { type Change, ChangeFeed } from '../events/change-feed.js';
import { isFinal, type Transformation } from './transformation.js';
import { TransformationsRepository } from './transformations.repository.js';

/** Follows a transformation to its end, whichever process works on it. */
@Injectable()
export class WatchTransformation {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly feed: ChangeFeed,
    private readonly shutdown: Shutdown,
  ) {}

  /**
   * Waits for the end.
   *
   * @param timeoutMs longest wait
   * @returns its state at the end of the wait; undefined if it was deleted
   */
  async untilFinal(id: string, timeoutMs: number): Promise<Transformation | undefined> {
    let latest: Transformation | undefined;
    for await (latest of this.states(id, AbortSignal.timeout(timeoutMs))) {
      if (isFinal(latest.status)) return latest;
    }
    return latest && (await this.transformations.find(id));
  }

  /**
   * Its current state, then its state after each change of status, and of progress if wanted, until
   * its end or the signal.
   */
  async *states(
    id: string,
    signal: AbortSignal,
    follow: { progress: boolean } = { progress: false },
  ): AsyncGenerator<Transformation, void, void> {
    const stop = AbortSignal.any([signal, this.shutdown.signal]);
    let changed = Promise.withResolvers<undefined>();
    const wake = () => changed.resolve(undefined);
    // Subscribe before the first read, so that no change is missed in between.
    const unsubscribe = this.feed.subscribe(id, (change: Change) => {
      if (change === 'status' || follow.progress) wake();
    });
    stop.addEventListener('abort', wake, { once: true });
    try {
      let shown: string | undefined;
      for (;;) {
        const state = await this.transformations.find(id);
        if (!state) return;
        const news = follow.progress
          ? `${state.status} ${state.progress?.tilesDone}`
          : state.status;
        if (news !== shown) yield state;
        shown = news;
        if (isFinal(state.status) || stop.aborted) return;
        await changed.promise;
        changed = Promise.withResolvers<undefined>();
        if (stop.aborted) return;
      }
    } finally {
      unsubscribe();
      stop.removeEventListener('abort', wake);
    }
  }
}
