import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';

export type TicketPurpose = 'second-factor' | 'oidc' | 'new-passkey' | 'passkey';

export interface Ticket {
  hash: Buffer;
  /** Null before it is known who signs in. */
  userId: string | null;
  data: Record<string, unknown>;
}

const SECRET_BYTES = 32;
const COLUMNS = `token_hash AS hash, user_id AS "userId", data`;

/** Secrets that are good for one use within minutes: what holds the steps of one sign-in together. Stored as SHA-256. */
@Injectable()
export class Tickets {
  constructor(private readonly dataSource: DataSource) {}

  /** @returns 32 random bytes in base64url */
  async issue(
    purpose: TicketPurpose,
    seconds: number,
    { userId, data = {} }: { userId?: string; data?: object } = {},
  ): Promise<string> {
    const token = randomBytes(SECRET_BYTES).toString('base64url');
    await this.dataSource.query(
      `INSERT INTO sign_in_tickets (token_hash, purpose, user_id, data, expires_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
      [hashOf(token), purpose, userId ?? null, JSON.stringify(data), seconds],
    );
    return token;
  }

  /**
   * Uses it up; of two calls at once, one succeeds.
   *
   * @throws DomainError INVALID_CHALLENGE
   */
  async take(purpose: TicketPurpose, token: string): Promise<Ticket> {
    const [[ticket]] = await this.dataSource.query<[Ticket[]]>(
      `DELETE FROM sign_in_tickets WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()
       RETURNING ${COLUMNS}`,
      [hashOf(token), purpose],
    );
    if (!ticket) throw invalidChallenge();
    return ticket;
  }

  /** Locks it, so that two answers to it run one after the other. Undefined if it is used up or expired. */
  async lock(
    manager: EntityManager,
    purpose: TicketPurpose,
    token: string,
  ): Promise<Ticket | undefined> {
    const [ticket] = await manager.query<Ticket[]>(
      `SELECT ${COLUMNS} FROM sign_in_tickets
        WHERE token_hash = $1 AND purpose = $2 AND expires_at > now() FOR UPDATE`,
      [hashOf(token), purpose],
    );
    return ticket;
  }

  /** It dies with the last wrong answer that is allowed. */
  async countWrongAnswer(manager: EntityManager, { hash }: Ticket, allowed: number): Promise<void> {
    const [[row]] = await manager.query<[{ wrong: number }[]]>(
      `UPDATE sign_in_tickets SET wrong_answers = wrong_answers + 1 WHERE token_hash = $1
       RETURNING wrong_answers AS wrong`,
      [hash],
    );
    if (row && row.wrong >= allowed) await this.useUp(manager, hash);
  }

  async useUp(manager: EntityManager, hash: Buffer): Promise<void> {
    await manager.query(`DELETE FROM sign_in_tickets WHERE token_hash = $1`, [hash]);
  }

  /** Deletes up to `limit` expired tickets and returns the count. */
  async deleteExpired(limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM sign_in_tickets WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM sign_in_tickets WHERE expires_at <= now()
          ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [limit],
    );
    return count;
  }
}

export function invalidChallenge(): DomainError {
  return new DomainError(
    'INVALID_CHALLENGE',
    'This step belongs to no sign-in that is under way: it was used, has expired, or had too many wrong answers. Start again.',
  );
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
