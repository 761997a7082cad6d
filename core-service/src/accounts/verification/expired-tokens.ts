import { Injectable } from '@nestjs/common';
import { EmailChangesRepository } from './email-changes.repository.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';

/** What nobody used in time. Each deletes up to `limit` rows and returns the count. */
@Injectable()
export class ExpiredTokens {
  constructor(
    private readonly tokens: OneTimeTokensRepository,
    private readonly changes: EmailChangesRepository,
  ) {}

  deleteTokens(limit: number): Promise<number> {
    return this.tokens.deleteExpired(limit);
  }

  deleteEmailChanges(limit: number): Promise<number> {
    return this.changes.deleteExpired(limit);
  }
}
