import { Injectable } from '@nestjs/common';
import { RecurringChores } from '../common/recurring-chores.js';
import { RateLimiter } from './rate-limiter.js';
import { SessionsService } from './sessions.service.js';
import { Tickets } from './tickets.js';

/** Rows deleted in one transaction. */
const ROWS = 1_000;

/** Deletes expired sessions, refresh tokens, sign-ins that were not finished and rate limit counters. */
@Injectable()
export class AuthHousekeeping extends RecurringChores {
  constructor(
    private readonly sessions: SessionsService,
    private readonly rateLimiter: RateLimiter,
    private readonly tickets: Tickets,
  ) {
    super();
  }

  async run(): Promise<void> {
    await this.drain(ROWS, (limit) => this.sessions.deleteExpired(limit));
    await this.drain(ROWS, (limit) => this.tickets.deleteExpired(limit));
    await this.drain(ROWS, (limit) => this.rateLimiter.deleteExpired(limit));
  }
}
