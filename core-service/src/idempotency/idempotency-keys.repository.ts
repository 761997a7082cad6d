import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

export interface IdempotencyRecord {
  fingerprint: Buffer;
  claim: string;
  /** Whether the first request may still be running. */
  claimed: boolean;
  /** Id of the transformation or style. */
  boundTo: string | null;
  answer: unknown;
}

export type Binding = { transformationId: string } | { styleId: string };

@Injectable()
export class IdempotencyKeysRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Claims a key that is new, expired, or abandoned before it was bound. */
  async claim(
    userId: string,
    key: string,
    claim: { id: string; fingerprint: Buffer; claimedUntil: Date; expiresAt: Date },
  ): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `INSERT INTO idempotency_keys AS k
         (user_id, key, fingerprint, claim, claimed_until, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (user_id, key) DO UPDATE
         SET fingerprint = excluded.fingerprint, claim = excluded.claim,
             claimed_until = excluded.claimed_until, expires_at = excluded.expires_at,
             transformation_id = NULL, style_id = NULL, answer = NULL, created_at = now()
         WHERE k.expires_at <= now()
            OR (k.transformation_id IS NULL AND k.style_id IS NULL AND k.claimed_until <= now())
       RETURNING 1`,
      [userId, key, claim.fingerprint, claim.id, claim.claimedUntil, claim.expiresAt],
    );
    return rows.length > 0;
  }

  async find(userId: string, key: string): Promise<IdempotencyRecord | undefined> {
    const [row] = await this.dataSource.query<IdempotencyRecord[]>(
      `SELECT fingerprint, claim, claimed_until > now() AS claimed,
              coalesce(transformation_id, style_id) AS "boundTo", answer
         FROM idempotency_keys WHERE user_id = $1 AND key = $2`,
      [userId, key],
    );
    return row;
  }

  /** @returns false if another request took over the claim */
  async bind(manager: EntityManager, claim: string, to: Binding): Promise<boolean> {
    const column = 'styleId' in to ? 'style_id' : 'transformation_id';
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE idempotency_keys SET ${column} = $2 WHERE claim = $1`,
      [claim, Object.values(to)[0]],
    );
    return count > 0;
  }

  async storeAnswer(claim: string, answer: unknown): Promise<void> {
    await this.dataSource.query(
      `UPDATE idempotency_keys SET answer = $2, claimed_until = now() WHERE claim = $1`,
      [claim, JSON.stringify(answer)],
    );
  }

  /** Ends the claim: the key can be used again, or answers from what it is bound to. */
  async release(claim: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE idempotency_keys SET claimed_until = now() WHERE claim = $1`,
      [claim],
    );
  }

  /** Skips locked rows, such as a key that a request is just claiming. */
  async deleteExpired(limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM idempotency_keys WHERE expires_at <= now()
          ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [limit],
    );
    return count;
  }
}
