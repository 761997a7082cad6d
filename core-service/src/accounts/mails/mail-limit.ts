import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { DomainError } from '../../common/domain-error.js';
import { normaliseEmail } from '../../users/user.js';

const MAILS = 5;
const HOUR = 3600;

/** How many mails an address may be sent at other people's request. */
@Injectable()
export class MailLimit {
  private readonly limiter: RateLimiterPostgres;

  constructor(dataSource: DataSource) {
    this.limiter = new RateLimiterPostgres({
      storeClient: dataSource,
      storeType: 'typeorm',
      tableName: 'rate_limits',
      tableCreated: true,
      // AuthHousekeeping does it.
      clearExpiredByTimeout: false,
      keyPrefix: 'mail',
      points: MAILS,
      duration: HOUR,
    });
  }

  /** @throws DomainError RATE_LIMITED */
  async consume(email: string): Promise<void> {
    const key = createHash('sha256').update(normaliseEmail(email)).digest('base64url');
    try {
      await this.limiter.consume(key);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new DomainError(
        'RATE_LIMITED',
        `An address gets at most ${MAILS} such mails in an hour. Look for the last one, or wait.`,
        { retryAfterSeconds: refusal.msBeforeNext / 1000 },
      );
    }
  }
}
