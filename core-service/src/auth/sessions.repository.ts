import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { accountDeleted } from '../common/account-deleted.js';
import type { UserPrincipal } from '../common/principal.js';
import { violates } from '../database/transaction.js';
import type { Device } from './device.js';

export interface RefreshTokenState {
  sessionId: string;
  userId: string;
  used: boolean;
  expired: boolean;
  revoked: boolean;
}

export interface LiveSession extends Omit<UserPrincipal, 'kind'> {
  /** Whether its user is. */
  suspended: boolean;
}

export interface ListedSession {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  userAgent: string;
  address: string | null;
}

/** A session is a family of refresh tokens, of which one is current. */
@Injectable()
export class SessionsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Undefined once it has ended. */
  async findLive(id: string): Promise<LiveSession | undefined> {
    const [row] = await this.dataSource.query<LiveSession[]>(
      `SELECT s.id AS "sessionId", s.user_id AS "userId", u.role, u.suspended_at IS NOT NULL AS suspended
         FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = $1 AND s.revoked_at IS NULL`,
      [id],
    );
    return row;
  }

  /** Live ones, newest first. */
  list(userId: string, limit: number, before?: string): Promise<ListedSession[]> {
    return this.dataSource.query<ListedSession[]>(
      `SELECT s.id, s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt",
              s.user_agent AS "userAgent", s.address
         FROM sessions s
        WHERE s.user_id = $1 AND s.revoked_at IS NULL AND ($3::uuid IS NULL OR s.id < $3)
          AND EXISTS (SELECT FROM refresh_tokens t WHERE t.session_id = s.id
                         AND t.used_at IS NULL AND t.expires_at > now())
        ORDER BY s.id DESC LIMIT $2`,
      [userId, limit, before ?? null],
    );
  }

  /** @throws DomainError ACCOUNT_DELETED */
  async open(
    manager: EntityManager,
    session: { id: string; userId: string } & Device,
  ): Promise<void> {
    try {
      await manager.query(
        `INSERT INTO sessions (id, user_id, user_agent, address) VALUES ($1, $2, $3, $4)`,
        [session.id, session.userId, session.userAgent, session.address],
      );
    } catch (error) {
      if (violates(error, 'sessions_account_kept')) throw accountDeleted();
      throw error;
    }
  }

  async seen(manager: EntityManager, id: string, device: Device): Promise<void> {
    await manager.query(
      `UPDATE sessions SET last_seen_at = now(), user_agent = $2, address = $3 WHERE id = $1`,
      [id, device.userAgent, device.address],
    );
  }

  /** Ends the user's oldest sessions until `most` are left. Returns those that ended. */
  async revokeOldest(manager: EntityManager, userId: string, most: number): Promise<string[]> {
    const [rows] = await manager.query<[{ id: string }[], number]>(
      `UPDATE sessions SET revoked_at = now() WHERE id IN (
         SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL
          ORDER BY id DESC OFFSET $2)
       RETURNING id`,
      [userId, most],
    );
    return rows.map(({ id }) => id);
  }

  /** Ends all sessions of the user, but one. Returns those that ended. */
  async revokeAll(manager: EntityManager, userId: string, except?: string): Promise<string[]> {
    const [rows] = await manager.query<[{ id: string }[], number]>(
      `UPDATE sessions SET revoked_at = now()
        WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid
       RETURNING id`,
      [userId, except ?? null],
    );
    return rows.map(({ id }) => id);
  }

  /** False if the user has no such session, or it has ended. */
  async revokeOwn(manager: EntityManager, userId: string, id: string): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE sessions SET revoked_at = now()
        WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL`,
      [id, userId],
    );
    return count === 1;
  }

  async addToken(
    manager: EntityManager,
    token: { hash: Buffer; sessionId: string; expiresAt: Date },
  ): Promise<void> {
    await manager.query(
      `INSERT INTO refresh_tokens (token_hash, session_id, expires_at) VALUES ($1, $2, $3)`,
      [token.hash, token.sessionId, token.expiresAt],
    );
  }

  /** Locks the session, so that two requests with the same token run one after the other. */
  async lockByToken(manager: EntityManager, hash: Buffer): Promise<RefreshTokenState | undefined> {
    await manager.query(
      `SELECT FROM sessions WHERE id = (SELECT session_id FROM refresh_tokens WHERE token_hash = $1)
       FOR UPDATE`,
      [hash],
    );
    const [row] = await manager.query<RefreshTokenState[]>(
      `SELECT s.id AS "sessionId", s.user_id AS "userId", t.used_at IS NOT NULL AS used,
              t.expires_at <= now() AS expired, s.revoked_at IS NOT NULL AS revoked
         FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
        WHERE t.token_hash = $1`,
      [hash],
    );
    return row;
  }

  async markUsed(manager: EntityManager, hash: Buffer): Promise<void> {
    await manager.query(`UPDATE refresh_tokens SET used_at = now() WHERE token_hash = $1`, [hash]);
  }

  async revoke(manager: EntityManager, sessionId: string): Promise<void> {
    await manager.query(
      `UPDATE sessions SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL`,
      [sessionId],
    );
  }

  /**
   * Deletes expired tokens, then sessions that have none left. A session in use loses its old tokens
   * too: every refresh leaves one behind. Returns the number of tokens deleted.
   */
  async deleteExpired(manager: EntityManager, limit: number): Promise<number> {
    const tokens = await manager.query<{ hash: Buffer; sessionId: string }[]>(
      `SELECT token_hash AS hash, session_id AS "sessionId" FROM refresh_tokens
        WHERE expires_at <= now() ORDER BY expires_at LIMIT $1`,
      [limit],
    );
    if (tokens.length === 0) return 0;
    const sessions = [...new Set(tokens.map(({ sessionId }) => sessionId))];
    // A refresh holds this lock while it adds a token. Wait for it: the statements below take new
    // snapshots and see that token.
    await manager.query(`SELECT FROM sessions WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`, [
      sessions,
    ]);
    const [, count] = await manager.query<[unknown, number]>(
      `DELETE FROM refresh_tokens WHERE token_hash = ANY ($1::bytea[])`,
      [tokens.map(({ hash }) => hash)],
    );
    await manager.query(
      `DELETE FROM sessions s WHERE id = ANY ($1::uuid[])
          AND NOT EXISTS (SELECT FROM refresh_tokens t WHERE t.session_id = s.id)`,
      [sessions],
    );
    return count;
  }
}
