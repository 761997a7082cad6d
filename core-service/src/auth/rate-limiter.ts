import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

const MINUTE = 60;

/** Limits that hold across replicas: the counters are in PostgreSQL. */
@Injectable()
export class RateLimiter {
  private readonly registrations: RateLimiterPostgres;
  private readonly loginFailures: RateLimiterPostgres;
  private readonly submissions: RateLimiterPostgres;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) config: Config,
  ) {
    const limiter = (keyPrefix: string, points: number, duration: number) =>
      new RateLimiterPostgres({
        storeClient: dataSource,
        storeType: 'typeorm',
        tableName: 'rate_limits',
        tableCreated: true,
        // Each limiter of each process would scan the table every 5 minutes. See deleteExpired.
        clearExpiredByTimeout: false,
        keyPrefix,
        points,
        duration,
      });
    this.registrations = limiter('register', config.RATE_LIMIT_REGISTER_PER_MINUTE, MINUTE);
    this.loginFailures = limiter('login', config.RATE_LIMIT_LOGIN_FAILURES, 15 * MINUTE);
    this.submissions = limiter('submit', config.RATE_LIMIT_SUBMIT_PER_MINUTE, MINUTE);
  }

  /** @throws DomainError RATE_LIMITED */
  async registration(address: string): Promise<void> {
    await consume(this.registrations, address);
  }

  /** @throws DomainError RATE_LIMITED */
  async submission(userId: string): Promise<void> {
    await consume(this.submissions, userId);
  }

  /**
   * Counts every attempt before its password is checked, so that parallel guesses cannot slip
   * through, and resets the count when one succeeds.
   *
   * @throws DomainError RATE_LIMITED
   */
  async login<T>(address: string, email: string, attempt: () => Promise<T>): Promise<T> {
    // Hashed: keys have a limited length, and the table stores no e-mail address.
    const key = createHash('sha256')
      .update(`${address} ${email.toLowerCase()}`)
      .digest('base64url');
    await consume(this.loginFailures, key);
    const result = await attempt();
    await this.loginFailures.delete(key);
    return result;
  }

  /** Deletes up to `limit` expired counters and returns the count. */
  async deleteExpired(limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM rate_limits WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM rate_limits WHERE expire <= $1
          ORDER BY expire LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [Date.now(), limit],
    );
    return count;
  }
}

async function consume(limiter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new DomainError('RATE_LIMITED', 'Too many requests. Wait and try again.', {
      retryAfterSeconds: refusal.msBeforeNext / 1000,
    });
  }
}
