import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/** Failures are forgotten when none came for so long. */
const WINDOW_MS = 60 * 60_000;
/** How far the clocks of two processes may be apart before one of them sees a delay where there is none. */
const CLOCK_SKEW_MS = 60_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 15 * 60_000;
/** An address from which the owner logged in is known for so long. */
const KNOWN_MS = 90 * 86_400_000;
/** A known address is written again when this has passed. */
const KNOWN_REFRESH_MS = 86_400_000;

/**
 * Delays logins to one account after failures, whichever addresses they come from: 1 s after the tenth (config), then
 * twice as long after each, up to 15 minutes. A botnet gets about 100 guesses a day.
 *
 * It must not lock the owner out, so it does not apply at an address where the owner logged in before (the limit
 * per address and e-mail does), and {@link succeed} after a password reset makes an address such a one.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Pick<Config, 'RATE_LIMIT_LOGIN_ACCOUNT_FAILURES'>,
  ) {}

  /**
   * Counts an attempt as a failure until {@link succeed}.
   *
   * @param account key of the account, which need not exist
   * @param place key of the account and the client's address
   * @throws DomainError RATE_LIMITED
   */
  async attempt(account: string, place: string): Promise<void> {
    const now = Date.now();
    const { RATE_LIMIT_LOGIN_ACCOUNT_FAILURES: free } = this.config;
    // A row expires WINDOW_MS after its delay ends, so `expire` says when that is; without a delay it ended before.
    const [row] = await this.dataSource.query<
      { known: boolean; counted: boolean; free_at: string }[]
    >(
      `WITH known AS (
         SELECT FROM rate_limits WHERE key = $2 AND expire > $3::bigint
       ), counted AS (
         INSERT INTO rate_limits AS r (key, points, expire)
         SELECT $1, 1, $3::bigint + ${WINDOW_MS - CLOCK_SKEW_MS} WHERE NOT EXISTS (SELECT FROM known)
         ON CONFLICT (key) DO UPDATE SET
           points = CASE WHEN r.expire <= $3::bigint THEN 1 ELSE r.points + 1 END,
           expire = $3::bigint + ${WINDOW_MS} + CASE
             WHEN r.expire <= $3::bigint OR r.points + 1 < $4::int THEN -${CLOCK_SKEW_MS}
             ELSE least(${LONGEST_DELAY_MS}, ${FIRST_DELAY_MS} * 2 ^ least(r.points + 1 - $4::int, 20))
           END
         WHERE r.expire - ${WINDOW_MS} <= $3::bigint
         RETURNING key
       )
       SELECT EXISTS (SELECT FROM known) AS known, EXISTS (SELECT FROM counted) AS counted,
              (SELECT expire - ${WINDOW_MS} FROM rate_limits WHERE key = $1) AS free_at`,
      [`login-account:${account}`, `login-known:${place}`, now, free],
    );
    if (row?.known || row?.counted) return;
    throw new DomainError(
      'RATE_LIMITED',
      'Too many failed logins to this account. Wait and try again, log in where you did before, or reset the password.',
      { retryAfterSeconds: Math.max(1, (Number(row?.free_at ?? now) - now) / 1000) },
    );
  }

  /**
   * Knows the address from now on, and forgets the failures. At an address that was known they did not matter, and
   * stay: each login of the owner would give a botnet ten more guesses.
   */
  async succeed(account: string, place: string): Promise<void> {
    const now = Date.now();
    await this.dataSource.query(
      `WITH forgotten AS (
         DELETE FROM rate_limits WHERE key = $1
            AND NOT EXISTS (SELECT FROM rate_limits WHERE key = $2 AND expire > $4::bigint))
       INSERT INTO rate_limits AS r (key, points, expire) VALUES ($2, 0, $3)
       ON CONFLICT (key) DO UPDATE SET expire = excluded.expire
        WHERE r.expire < excluded.expire - ${KNOWN_REFRESH_MS}`,
      [`login-account:${account}`, `login-known:${place}`, now + KNOWN_MS, now],
    );
  }
}
