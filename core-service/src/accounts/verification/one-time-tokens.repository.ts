import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

export type TokenPurpose =
  'verify-email' | 'reset-password' | 'confirm-old-email' | 'confirm-new-email';

export interface TokenGrant {
  userId: string;
  purpose: TokenPurpose;
  /** The account's address when the token was sent. */
  email: string;
}

@Injectable()
export class OneTimeTokensRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In place of an older one for the same purpose. */
  async put(
    manager: EntityManager,
    token: TokenGrant & { hash: Buffer; expiresAt: Date },
  ): Promise<void> {
    await manager.query(
      `INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, expires_at)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (user_id, purpose) DO UPDATE
          SET token_hash = excluded.token_hash, email = excluded.email,
              expires_at = excluded.expires_at`,
      [token.hash, token.userId, token.purpose, token.email, token.expiresAt],
    );
  }

  /** Undefined if there is none that is still good; of two who take it at once, one gets it. */
  async take(
    manager: EntityManager,
    hash: Buffer,
    purposes: TokenPurpose[],
  ): Promise<TokenGrant | undefined> {
    const [[row]] = await manager.query<[TokenGrant[], number]>(
      `DELETE FROM one_time_tokens t USING users u
        WHERE t.token_hash = $1 AND t.purpose = ANY ($2) AND t.expires_at > now()
          AND u.id = t.user_id AND u.email = t.email
       RETURNING t.user_id AS "userId", t.purpose, t.email`,
      [hash, purposes],
    );
    return row;
  }

  /** Undefined if there is none that is still good. */
  async find(hash: Buffer, purpose: TokenPurpose): Promise<TokenGrant | undefined> {
    const [row] = await this.dataSource.query<TokenGrant[]>(
      `SELECT t.user_id AS "userId", t.purpose, t.email
         FROM one_time_tokens t JOIN users u ON u.id = t.user_id AND u.email = t.email
        WHERE t.token_hash = $1 AND t.purpose = $2 AND t.expires_at > now()`,
      [hash, purpose],
    );
    return row;
  }

  /** Deletes the user's tokens for these purposes. */
  async revoke(manager: EntityManager, userId: string, purposes: TokenPurpose[]): Promise<void> {
    await manager.query(`DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = ANY ($2)`, [
      userId,
      purposes,
    ]);
  }

  /** Deletes up to `limit` expired ones and returns the count. */
  async deleteExpired(limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM one_time_tokens WHERE token_hash = ANY (ARRAY(
         SELECT token_hash FROM one_time_tokens WHERE expires_at <= now()
          ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [limit],
    );
    return count;
  }
}
