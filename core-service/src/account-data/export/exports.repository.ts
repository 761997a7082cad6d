import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { violates } from '../../database/transaction.js';
import { DomainError } from '../../common/domain-error.js';

export const EXPORT_STATUSES = ['queued', 'running', 'ready', 'failed'] as const;

export interface AccountExport {
  id: string;
  userId: string;
  status: (typeof EXPORT_STATUSES)[number];
  /** Length of the file, once it is ready. */
  bytes: number | null;
  error: { code: string; detail: string } | null;
  createdAt: Date;
  expiresAt: Date;
}

const COLUMNS = `id, user_id AS "userId", status, bytes::float8 AS bytes,
  CASE WHEN error_code IS NOT NULL
       THEN json_build_object('code', error_code, 'detail', error_detail) END AS error,
  created_at AS "createdAt", expires_at AS "expiresAt"`;

@Injectable()
export class ExportsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws DomainError EXPORT_IN_PROGRESS */
  async insert(
    manager: EntityManager,
    { id, userId, expiresAt }: Pick<AccountExport, 'id' | 'userId' | 'expiresAt'>,
  ): Promise<AccountExport> {
    try {
      const [row] = await manager.query<[AccountExport]>(
        `INSERT INTO account_exports (id, user_id, expires_at) VALUES ($1, $2, $3)
         RETURNING ${COLUMNS}`,
        [id, userId, expiresAt],
      );
      return row;
    } catch (error) {
      if (!violates(error, 'account_exports_one_open')) throw error;
      throw new DomainError(
        'EXPORT_IN_PROGRESS',
        'An export of this account is being made. Wait until it is ready.',
      );
    }
  }

  /** Times of the exports asked for since, oldest first. */
  async since(manager: EntityManager, userId: string, time: Date): Promise<Date[]> {
    const rows = await manager.query<{ createdAt: Date }[]>(
      `SELECT created_at AS "createdAt" FROM account_exports
        WHERE user_id = $1 AND created_at > $2 ORDER BY created_at`,
      [userId, time],
    );
    return rows.map(({ createdAt }) => createdAt);
  }

  async find(id: string): Promise<AccountExport | undefined> {
    const [row] = await this.dataSource.query<AccountExport[]>(
      `SELECT ${COLUMNS} FROM account_exports WHERE id = $1`,
      [id],
    );
    return row;
  }

  idsOf(userId: string): Promise<string[]> {
    return this.ids(`SELECT id FROM account_exports WHERE user_id = $1`, [userId]);
  }

  expired(limit: number): Promise<string[]> {
    return this.ids(
      `SELECT id FROM account_exports WHERE expires_at <= now() ORDER BY expires_at LIMIT $1`,
      [limit],
    );
  }

  /** Also again, after an attempt that died. @returns false if it has ended or is gone */
  start(id: string): Promise<boolean> {
    return this.change(
      `UPDATE account_exports SET status = 'running'
        WHERE id = $1 AND status IN ('queued', 'running')`,
      [id],
    );
  }

  /** @returns false if it is gone */
  finish(id: string, bytes: number): Promise<boolean> {
    return this.change(
      `UPDATE account_exports SET status = 'ready', bytes = $2 WHERE id = $1 AND status = 'running'`,
      [id, bytes],
    );
  }

  fail(id: string, error: { code: string; detail: string }): Promise<boolean> {
    return this.change(
      `UPDATE account_exports SET status = 'failed', error_code = $2, error_detail = $3
        WHERE id = $1 AND status IN ('queued', 'running')`,
      [id, error.code, error.detail],
    );
  }

  /** Those asked for before that time that nobody works on any more. */
  abandoned(before: Date, limit: number): Promise<string[]> {
    return this.ids(
      `SELECT id FROM account_exports WHERE status IN ('queued', 'running') AND created_at <= $1
        ORDER BY id LIMIT $2`,
      [before, limit],
    );
  }

  async delete(id: string): Promise<void> {
    await this.dataSource.query(`DELETE FROM account_exports WHERE id = $1`, [id]);
  }

  private async ids(statement: string, values: unknown[]): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(statement, values);
    return rows.map(({ id }) => id);
  }

  private async change(statement: string, values: unknown[]): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown, number]>(statement, values);
    return count > 0;
  }
}
