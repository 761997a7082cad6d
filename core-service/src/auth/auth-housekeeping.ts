import { Injectable } from '@nestjs/common';
import { ExpiredTokens } from '../accounts/verification/expired-tokens.js';
import { RecurringChores } from '../common/recurring-chores.js';
import { RateLimiter } from './rate-limiter.js';
import { SessionsService } from './sessions.service.js';
import { Tickets } from './tickets.js';

/** Rows deleted in one transaction. */
const ROWS = 1_000;

/** Deletes expired sessions, refresh tokens, tokens sent by mail, unfinished sign-ins and rate limit counters. */
@Injectable()
export class AuthHousekeeping extends RecurringChores {
  constructor(
    private readonly sessions: SessionsService,
    private readonly rateLimiter: RateLimiter,
    private readonly expired: ExpiredTokens,
    private readonly tickets: Tickets,
  ) {
    super();
  }

  async run(): Promise<void> {
    await this.drain(ROWS, (limit) => this.sessions.deleteExpired(limit));
    await this.drain(ROWS, (limit) => this.tickets.deleteExpired(limit));
    await this.drain(ROWS, (limit) => this.rateLimiter.deleteExpired(limit));
    await this.drain(ROWS, (limit) => this.expired.deleteTokens(limit));
    await this.drain(ROWS, (limit) => this.expired.deleteEmailChanges(limit));
  }
}
