import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

export type Occupation = 'event streams' | 'waiting submissions' | 'uploads';

const RETRY_AFTER_SECONDS = 5;

/** Bounds what one account holds open in this process at once. */
@Injectable()
export class ConcurrentRequests {
  private readonly most: Record<Occupation, number>;
  private readonly held = new Map<string, number>();

  constructor(@Inject(CONFIG) config: Config) {
    this.most = {
      'event streams': config.EVENT_STREAMS_PER_ACCOUNT,
      'waiting submissions': config.WAITING_SUBMISSIONS_PER_ACCOUNT,
      uploads: config.UPLOADS_PER_ACCOUNT,
    };
  }

  /**
   * Until the answer is sent or the client gone.
   *
   * @throws DomainError RATE_LIMITED
   */
  holdFor(reply: FastifyReply, occupation: Occupation, userId: string): void {
    // A client that is gone already closes no more.
    if (!reply.raw.destroyed) reply.raw.once('close', this.hold(occupation, userId));
  }

  /**
   * @returns a function that gives the place back; further calls of it do nothing
   * @throws DomainError RATE_LIMITED
   */
  hold(occupation: Occupation, userId: string): () => void {
    const key = `${occupation} ${userId}`;
    const count = this.held.get(key) ?? 0;
    const most = this.most[occupation];
    if (count >= most)
      throw new DomainError(
        'RATE_LIMITED',
        `Your account has ${most} ${occupation} open, which is the limit. Close one or wait.`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    this.held.set(key, count + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.held.get(key) ?? 1) - 1;
      if (left > 0) this.held.set(key, left);
      else this.held.delete(key);
    };
  }
}
