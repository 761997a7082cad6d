import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { addressKey } from '../limits/client-network.js';
import { announceQuota, type Quota } from '../limits/rate-limit-headers.js';
import { LoginThrottle } from './login-throttle.js';

const MINUTE = 60;

interface Limit {
  quota: Quota;
  limiter: RateLimiterPostgres;
}

/** Limits that hold across replicas: the counters are in PostgreSQL. */
@Injectable()
export class RateLimiter {
  private readonly attempts: Limit;
  private readonly registrations: Limit;
  private readonly networkRegistrations: Limit;
  private readonly loginFailures: Limit;
  private readonly submissions: Limit;

  constructor(
    private readonly dataSource: DataSource,
    private readonly throttle: LoginThrottle,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const limit = (name: string, points: number, windowSeconds = MINUTE): Limit => ({
      quota: { name, points, windowSeconds },
      limiter: new RateLimiterPostgres({
        storeClient: dataSource,
        storeType: 'typeorm',
        tableName: 'rate_limits',
        tableCreated: true,
        // Each limiter of each process would scan the table every 5 minutes. See deleteExpired.
        clearExpiredByTimeout: false,
        keyPrefix: name,
        points,
        duration: windowSeconds,
      }),
    });
    this.attempts = limit('auth', config.RATE_LIMIT_AUTH_PER_MINUTE);
    this.registrations = limit('register', config.RATE_LIMIT_REGISTER_PER_MINUTE);
    this.networkRegistrations = limit(
      'register-network',
      config.RATE_LIMIT_REGISTER_NETWORK_PER_MINUTE,
    );
    this.loginFailures = limit('login', config.RATE_LIMIT_LOGIN_FAILURES, 15 * MINUTE);
    this.submissions = limit('submit', config.RATE_LIMIT_SUBMIT_PER_MINUTE);
  }

  /**
   * A request to any route for signing in or up.
   *
   * @param reply gets the RateLimit headers
   * @throws DomainError RATE_LIMITED
   */
  async authAttempt(address: string, reply?: FastifyReply): Promise<void> {
    await consume(this.attempts, addressKey(address), reply);
  }

  /** @throws DomainError RATE_LIMITED */
  async registration(address: string, reply?: FastifyReply): Promise<void> {
    await consume(this.registrations, addressKey(address), reply);
    await consume(this.networkRegistrations, addressKey(address, 'network'), reply);
  }

  /** @throws DomainError RATE_LIMITED */
  async submission(userId: string, reply?: FastifyReply): Promise<void> {
    await consume(this.submissions, userId, reply);
  }

  /**
   * Counts every attempt before its password is checked, so that parallel guesses cannot slip
   * through, and resets the count when one succeeds.
   *
   * @throws DomainError RATE_LIMITED
   */
  async login<T>(
    address: string,
    email: string,
    attempt: () => Promise<T>,
    reply?: FastifyReply,
  ): Promise<T> {
    const { account, place } = this.keysOf(address, email);
    await consume(this.loginFailures, place, reply);
    await this.throttle.attempt(account, place);
    const result = await attempt();
    await this.loginSucceeded(address, email);
    return result;
  }

  /**
   * The owner of an account has shown who they are, by password, passkey, provider or a link that was mailed:
   * failures are forgotten, and strangers' failures no longer delay logins from this address.
   */
  async loginSucceeded(address: string, email: string): Promise<void> {
    const { account, place } = this.keysOf(address, email);
    await Promise.all([
      this.loginFailures.limiter.delete(place),
      this.throttle.succeed(account, place),
    ]);
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

  /** Keyed hashes: keys have a limited length, and the table shows no e-mail and no address. */
  private keysOf(address: string, email: string): { account: string; place: string } {
    const account = email.toLowerCase();
    const hash = (text: string) =>
      createHmac('sha256', this.config.JWT_SECRET).update(`login ${text}`).digest('base64url');
    return { account: hash(account), place: hash(`${addressKey(address)} ${account}`) };
  }
}

async function consume(
  { limiter, quota }: Limit,
  key: string,
  reply: FastifyReply | undefined,
): Promise<void> {
  const left = await limiter.consume(key).catch((refusal: unknown) => {
    if (refusal instanceof RateLimiterRes) return refusal;
    throw refusal;
  });
  if (reply) announceQuota(reply, quota, left.remainingPoints, left.msBeforeNext);
  if (left.consumedPoints > quota.points)
    throw new DomainError('RATE_LIMITED', 'Too many requests. Wait and try again.', {
      retryAfterSeconds: left.msBeforeNext / 1000,
    });
}
