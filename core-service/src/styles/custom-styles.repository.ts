import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { StyleCode } from '../inference/inference.js';
import type { CustomStyle, NewStyle } from './custom-style.js';

const COLUMNS = `id, user_id AS "userId", name, price, created_at AS "createdAt"`;
const USABLE = `status = 'ready' AND deleted_at IS NULL`;

/** The model is null for codes from before models had ids. */
export interface StoredCode {
  code: number[];
  model: string | null;
}

@Injectable()
export class CustomStylesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Includes styles that are still pending. */
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
      `INSERT INTO styles (id, user_id, name, price, pending_until, api_key_id)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
      [style.id, style.userId, style.name, style.price, style.pendingUntil, style.apiKeyId ?? null],
    );
    return row as CustomStyle;
  }

  /** @returns false if it had already ended */
  async makeReady(
    manager: EntityManager,
    id: string,
    { code, model }: StyleCode,
  ): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE styles SET status = 'ready', code = $2::real[], model = $3
        WHERE id = $1 AND status = 'pending'`,
      [id, code, model],
    );
    return count > 0;
  }

  /** Also for a deleted style whose code is still stored. @returns false if it is deleted or erased */
  async renew(id: string, { code, model }: StyleCode): Promise<boolean> {
    const [rows] = await this.dataSource.query<[{ usable: boolean }[], number]>(
      `UPDATE styles SET code = $2::real[], model = $3 WHERE id = $1 AND code IS NOT NULL
       RETURNING ${USABLE} AS usable`,
      [id, code, model],
    );
    return rows[0]?.usable ?? false;
  }

  /** @returns false if it had already ended */
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

  /** The user's usable styles among these, each with its model (null: unknown). */
  async usable(userId: string, ids: string[]): Promise<Map<string, string | null>> {
    if (ids.length === 0) return new Map();
    const rows = await this.dataSource.query<{ id: string; model: string | null }[]>(
      `SELECT id, model FROM styles WHERE user_id = $1 AND id = ANY($2::uuid[]) AND ${USABLE}`,
      [userId, ids],
    );
    return new Map(rows.map(({ id, model }) => [id, model]));
  }

  /** Codes by id, including those of deleted styles. */
  async codes(userId: string, ids: string[]): Promise<Map<string, StoredCode>> {
    const rows = await this.dataSource.query<(StoredCode & { id: string })[]>(
      `SELECT id, code, model FROM styles
        WHERE user_id = $1 AND id = ANY($2::uuid[]) AND code IS NOT NULL`,
      [userId, ids],
    );
    // PostgreSQL prints the shortest decimals that identify the float32.
    return new Map(rows.map(({ id, code, model }) => [id, { code: code.map(Math.fround), model }]));
  }

  /** @returns false if the user has no such style */
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

  async filesToDelete(limit: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM styles
        WHERE (status = 'failed' OR deleted_at IS NOT NULL) AND files_deleted_at IS NULL
        ORDER BY id LIMIT $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async markFilesDeleted(id: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE styles SET files_deleted_at = now()
        WHERE id = $1 AND (status = 'failed' OR deleted_at IS NOT NULL)`,
      [id],
    );
  }

  /**
   * Erases name and code of up to `limit` styles deleted before that time, and returns the count. The
   * row stays: its hold refers to it.
   */
  async eraseDeleted(before: Date, limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `UPDATE styles SET code = NULL, name = '' WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM styles WHERE deleted_at <= $1 AND code IS NOT NULL
          ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [before, limit],
    );
    return count;
  }
}
