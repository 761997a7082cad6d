import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

export interface TotpState {
  sealedSecret: string;
  confirmed: boolean;
  lastStep: number;
  /** Until the next code is looked at; 0 or less: at once. */
  blockedSeconds: number;
}

const FREE_FAILURES = 5;
const FIRST_DELAY_SECONDS = 30;
const MAX_DELAY_SECONDS = 3600;

/** Secrets of authenticator apps and recovery codes. */
@Injectable()
export class TotpRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Returns false if one is confirmed already; replaces one that is not. */
  async begin(userId: string, sealedSecret: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `INSERT INTO totp_secrets (user_id, sealed_secret) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret
             WHERE totp_secrets.confirmed_at IS NULL
       RETURNING user_id`,
      [userId, sealedSecret],
    );
    return rows.length > 0;
  }

  /** Locks it, so that a code works once however often it is sent at the same time. */
  async lock(manager: EntityManager, userId: string): Promise<TotpState | undefined> {
    const [row] = await manager.query<TotpState[]>(
      `SELECT sealed_secret AS "sealedSecret", confirmed_at IS NOT NULL AS confirmed,
              last_step::int AS "lastStep",
              coalesce(extract(epoch FROM blocked_until - now()), 0)::float AS "blockedSeconds"
         FROM totp_secrets WHERE user_id = $1 FOR UPDATE`,
      [userId],
    );
    return row;
  }

  async accept(manager: EntityManager, userId: string, step: number): Promise<void> {
    await manager.query(
      `UPDATE totp_secrets SET last_step = $2, failures = 0, blocked_until = NULL,
              confirmed_at = coalesce(confirmed_at, now())
        WHERE user_id = $1`,
      [userId, step],
    );
  }

  /** From the fifth failure in a row on, each doubles the time until the next code is looked at, up to an hour. */
  async countFailure(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      `UPDATE totp_secrets SET failures = failures + 1,
              blocked_until = CASE WHEN failures + 1 >= $2 THEN now() + make_interval(
                secs => least($4, $3 * 2 ^ least(failures + 1 - $2, 20))) END
        WHERE user_id = $1`,
      [userId, FREE_FAILURES, FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS],
    );
  }

  async isConfirmed(userId: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT FROM totp_secrets WHERE user_id = $1 AND confirmed_at IS NOT NULL`,
      [userId],
    );
    return rows.length > 0;
  }

  async remove(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(`DELETE FROM totp_secrets WHERE user_id = $1`, [userId]);
    await manager.query(`DELETE FROM recovery_codes WHERE user_id = $1`, [userId]);
  }

  async replaceCodes(manager: EntityManager, userId: string, hashes: Buffer[]): Promise<void> {
    await manager.query(`DELETE FROM recovery_codes WHERE user_id = $1`, [userId]);
    await manager.query(
      `INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[])`,
      [userId, hashes],
    );
  }

  /** Whether there was such a code; it is gone now. */
  async useCode(manager: EntityManager, userId: string, hash: Buffer): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2`,
      [userId, hash],
    );
    return count > 0;
  }

  async countCodes(userId: string): Promise<number> {
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM recovery_codes WHERE user_id = $1`,
      [userId],
    );
    return row?.count ?? 0;
  }
}
