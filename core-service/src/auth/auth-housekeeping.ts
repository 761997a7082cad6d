import { Injectable } from '@nestjs/common';
import { RecurringChores } from '../common/recurring-chores.js';
import { RateLimiter } from './rate-limiter.js';
import { SessionsService } from './sessions.service.js';

/** Rows a transaction deletes: some milliseconds of locks. */
const ROWS = 1_000;

/** Expired sessions, refresh tokens and counters of the rate limits. */
@Injectable()
export class AuthHousekeeping extends RecurringChores {
  constructor(
    private readonly sessions: SessionsService,
    private readonly rateLimiter: RateLimiter,
  ) {
    super();
  }

  async run(): Promise<void> {
    await this.drain(ROWS, (limit) => this.sessions.deleteExpired(limit));
    await this.drain(ROWS, (limit) => this.rateLimiter.deleteExpired(limit));
  }
}
