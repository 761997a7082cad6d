import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ENDED_AT_ONCE, ERASED } from '../erasure.js';

interface Images {
  id: string;
  original: string;
  result: string | null;
}

@Injectable()
export class DeletionsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Nobody signs in, asks for a deletion, withdraws it or carries it out meanwhile. */
  async lockUser(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(`SELECT FROM users WHERE id = $1 FOR UPDATE`, [userId]);
  }

  /** @returns the time of the deletion: of an earlier one, if there is one */
  async request(
    manager: EntityManager,
    { userId, restoreHash, deletesAt }: { userId: string; restoreHash: Buffer; deletesAt: Date },
  ): Promise<{ deletesAt: Date; isNew: boolean }> {
    const [made] = await manager.query<{ deletesAt: Date }[]>(
      `INSERT INTO account_deletions (user_id, restore_hash, deletes_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO NOTHING RETURNING deletes_at AS "deletesAt"`,
      [userId, restoreHash, deletesAt],
    );
    if (made) return { ...made, isNew: true };
    const [earlier] = await manager.query<[{ deletesAt: Date }]>(
      `SELECT deletes_at AS "deletesAt" FROM account_deletions WHERE user_id = $1`,
      [userId],
    );
    return { ...earlier, isNew: false };
  }

  /** @returns the ids of the sessions that ended */
  async endSessions(manager: EntityManager, userId: string): Promise<string[]> {
    const live = await manager.query<{ id: string }[]>(
      `SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL`,
      [userId],
    );
    for (const statement of ENDED_AT_ONCE) await manager.query(statement, [userId]);
    return live.map(({ id }) => id);
  }

  async findByToken(manager: EntityManager, restoreHash: Buffer): Promise<string | undefined> {
    const [row] = await manager.query<{ userId: string }[]>(
      `SELECT user_id AS "userId" FROM account_deletions
        WHERE restore_hash = $1 AND done_at IS NULL`,
      [restoreHash],
    );
    return row?.userId;
  }

  /** Changes nothing if there is none or it was carried out. */
  async withdraw(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(`DELETE FROM account_deletions WHERE user_id = $1 AND done_at IS NULL`, [
      userId,
    ]);
  }

  async isRequested(userId: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT FROM account_deletions WHERE user_id = $1`,
      [userId],
    );
    return rows.length > 0;
  }

  async due(limit: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ userId: string }[]>(
      `SELECT user_id AS "userId" FROM account_deletions
        WHERE done_at IS NULL AND deletes_at <= now() ORDER BY deletes_at LIMIT $1`,
      [limit],
    );
    return rows.map(({ userId }) => userId);
  }

  /** @returns false if it was withdrawn or carried out */
  async markDone(manager: EntityManager, userId: string): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE account_deletions SET done_at = now()
        WHERE user_id = $1 AND done_at IS NULL AND deletes_at <= now()`,
      [userId],
    );
    return count > 0;
  }

  async erase(manager: EntityManager, userId: string): Promise<void> {
    for (const statement of ERASED) await manager.query(statement, [userId]);
  }

  /** Transformations and styles that somebody is working on. */
  async openWork(userId: string): Promise<{ transformations: string[]; styles: number }> {
    const transformations = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM transformations WHERE user_id = $1 AND completed_at IS NULL`,
      [userId],
    );
    const [styles] = await this.dataSource.query<[{ count: number }]>(
      `SELECT count(*)::int AS count FROM styles
        WHERE user_id = $1 AND status = 'pending' AND deleted_at IS NULL`,
      [userId],
    );
    return { transformations: transformations.map(({ id }) => id), styles: styles.count };
  }

  /** The housekeeping deletes images of those that are being worked on as soon as they end. */
  async expireImages(transformationIds: string[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE transformations SET images_expire_at = now() WHERE id = ANY ($1::uuid[])`,
      [transformationIds],
    );
  }

  /** Of ended transformations, oldest first. The housekeeping takes care of those that the user deleted. */
  images(userId: string, after: string, limit: number): Promise<Images[]> {
    return this.dataSource.query<Images[]>(
      `SELECT id, original_key AS original, result_key AS result FROM transformations
        WHERE user_id = $1 AND deleted_at IS NULL AND completed_at IS NOT NULL
          AND images_deleted_at IS NULL AND id > $2
        ORDER BY id LIMIT $3`,
      [userId, after, limit],
    );
  }

  async markImagesDeleted(id: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE transformations SET images_deleted_at = now() WHERE id = $1`,
      [id],
    );
  }
}
