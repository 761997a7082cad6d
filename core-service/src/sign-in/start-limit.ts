import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { DomainError } from '../common/domain-error.js';

const PER_MINUTE = 60;

/** Bounds the sign-ins that an address begins: each stores a ticket, before it is known who is there. */
@Injectable()
export class StartLimit {
  private readonly starts: RateLimiterPostgres;

  constructor(dataSource: DataSource) {
    this.starts = new RateLimiterPostgres({
      storeClient: dataSource,
      storeType: 'typeorm',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: 'sign-in',
      points: PER_MINUTE,
      duration: 60,
    });
  }

  /** @throws DomainError RATE_LIMITED */
  async consume(address: string): Promise<void> {
    try {
      await this.starts.consume(address);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new DomainError('RATE_LIMITED', 'Too many sign-ins were begun. Wait and try again.', {
        retryAfterSeconds: refusal.msBeforeNext / 1000,
      });
    }
  }
}
