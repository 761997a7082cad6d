import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CustomStyle, NewStyle } from './custom-style.js';

const COLUMNS = `id, user_id AS "userId", name, price, created_at AS "createdAt"`;
const USABLE = `status = 'ready' AND deleted_at IS NULL`;

@Injectable()
export class CustomStylesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Those being made included. */
  async count(manager: EntityManager, userId: string): Promise<number> {
    const [row] = await manager.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM styles
        WHERE user_id = $1 AND status <> 'failed' AND deleted_at IS NULL`,
      [userId],
    );
    return row?.count ?? 0;
  }

  async insert(manager: EntityManager, style: NewStyle): Promise<CustomStyle> {
    const [row] = await manager.query<CustomStyle[]>(
      `INSERT INTO styles (id, user_id, name, price, pending_until)
       VALUES ($1, $2, $3, $4, $5) RETURNING ${COLUMNS}`,
      [style.id, style.userId, style.name, style.price, style.pendingUntil],
    );
    return row as CustomStyle;
  }

  /** False: it had ended before. */
  async makeReady(manager: EntityManager, id: string, code: number[]): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE styles SET status = 'ready', code = $2::real[] WHERE id = $1 AND status = 'pending'`,
      [id, code],
    );
    return count > 0;
  }

  /** False: it had ended before. */
  async fail(manager: EntityManager, id: string): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE styles SET status = 'failed', name = '' WHERE id = $1 AND status = 'pending'`,
      [id],
    );
    return count > 0;
  }

  /** Newest first. */
  list(userId: string): Promise<CustomStyle[]> {
    return this.dataSource.query<CustomStyle[]>(
      `SELECT ${COLUMNS} FROM styles WHERE user_id = $1 AND ${USABLE} ORDER BY id DESC`,
      [userId],
    );
  }

  async find(userId: string, id: string): Promise<CustomStyle | undefined> {
    const [row] = await this.dataSource.query<CustomStyle[]>(
      `SELECT ${COLUMNS} FROM styles WHERE user_id = $1 AND id = $2 AND ${USABLE}`,
      [userId, id],
    );
    return row;
  }

  /** Which of these the user may use now. */
  async usable(userId: string, ids: string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM styles WHERE user_id = $1 AND id = ANY($2::uuid[]) AND ${USABLE}`,
      [userId, ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Codes by id, also of deleted ones. */
  async codes(userId: string, ids: string[]): Promise<Map<string, number[]>> {
    const rows = await this.dataSource.query<{ id: string; code: number[] }[]>(
      `SELECT id, code FROM styles
        WHERE user_id = $1 AND id = ANY($2::uuid[]) AND code IS NOT NULL`,
      [userId, ids],
    );
    // PostgreSQL writes the shortest decimals that mean the float32.
    return new Map(rows.map(({ id, code }) => [id, code.map(Math.fround)]));
  }

  /** False: the user has no such style. */
  async markDeleted(userId: string, id: string): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `UPDATE styles SET deleted_at = now() WHERE id = $1 AND user_id = $2 AND ${USABLE}`,
      [id, userId],
    );
    return count > 0;
  }

  overdue(limit: number): Promise<CustomStyle[]> {
    return this.dataSource.query<CustomStyle[]>(
      `SELECT ${COLUMNS} FROM styles WHERE status = 'pending' AND pending_until <= now()
        ORDER BY pending_until LIMIT $1`,
      [limit],
    );
  }

  async previewsToDelete(limit: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM styles
        WHERE (status = 'failed' OR deleted_at IS NOT NULL) AND preview_deleted_at IS NULL
        ORDER BY id LIMIT $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async markPreviewDeleted(id: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE styles SET preview_deleted_at = now()
        WHERE id = $1 AND (status = 'failed' OR deleted_at IS NOT NULL)`,
      [id],
    );
  }

  /** Name and code of what was deleted before; the row stays, for its hold points at it. */
  async eraseDeleted(before: Date): Promise<void> {
    await this.dataSource.query(
      `UPDATE styles SET code = NULL, name = '' WHERE deleted_at <= $1 AND code IS NOT NULL`,
      [before],
    );
  }
}
