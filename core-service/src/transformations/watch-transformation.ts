import { Injectable } from '@nestjs/common';
import { Shutdown } from '../common/shutdown.js';
import { type Change, ChangeFeed } from '../events/change-feed.js';
import { isFinal, type Transformation } from './transformation.js';
import { TransformationsRepository } from './transformations.repository.js';

/** Follows a transformation to its end, in whichever process it is worked on. */
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
   * @param timeoutMs how long at most
   * @returns as it stands at the end of the wait; undefined when it was deleted
   */
  async untilFinal(id: string, timeoutMs: number): Promise<Transformation | undefined> {
    let latest: Transformation | undefined;
    for await (latest of this.states(id, AbortSignal.timeout(timeoutMs))) {
      if (isFinal(latest.status)) return latest;
    }
    return latest && (await this.transformations.find(id));
  }

  /**
   * As it stands, then as it stands after changes of status, and of progress where wanted, until
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
    // Subscribed before the first look, so that no change falls between the two.
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
