import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { ApiKey, Budget } from './api-key.js';

export interface NewApiKey extends Pick<
  ApiKey,
  'id' | 'userId' | 'name' | 'prefix' | 'scopes' | 'allowedAddresses'
> {
  hash: Buffer;
  expiresAt?: Date;
  budget: Budget;
}

/** What a request with the key needs to know of it. */
export interface KeyInUse extends Pick<
  ApiKey,
  'id' | 'userId' | 'scopes' | 'allowedAddresses' | 'expiresAt' | 'lastUsedAt'
> {
  suspended: boolean;
}

type Row = Omit<ApiKey, 'budget' | 'spent'> &
  Record<'perDay' | 'inAll', string | null> &
  Record<'today' | 'total', string>;

const COLUMNS = `k.id, k.user_id AS "userId", k.name, k.prefix, k.scopes,
  k.allowed_addresses AS "allowedAddresses", k.created_at AS "createdAt", k.expires_at AS "expiresAt",
  k.last_used_at AS "lastUsedAt", b.per_day AS "perDay", b.in_all AS "inAll", b.spent_in_all AS total,
  CASE b.day WHEN (now() AT TIME ZONE 'UTC')::date THEN b.spent_that_day ELSE 0 END AS today`;

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(manager: EntityManager, key: NewApiKey): Promise<void> {
    await manager.query(
      `INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, allowed_addresses, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        key.id,
        key.userId,
        key.name,
        key.prefix,
        key.hash,
        key.scopes,
        key.allowedAddresses,
        key.expiresAt ?? null,
      ],
    );
    await manager.query(
      `INSERT INTO api_key_budgets (api_key_id, per_day, in_all) VALUES ($1, $2, $3)`,
      [key.id, key.budget.perDay ?? null, key.budget.total ?? null],
    );
  }

  /** Of a user: those that are not revoked, and all. */
  async count(manager: EntityManager, userId: string): Promise<{ live: number; all: number }> {
    const [row] = await manager.query<[{ live: number; all: number }]>(
      `SELECT count(*) FILTER (WHERE revoked_at IS NULL)::int AS live, count(*)::int AS all
         FROM api_keys WHERE user_id = $1`,
      [userId],
    );
    return row;
  }

  async deleteRevokedBefore(manager: EntityManager, userId: string, time: Date): Promise<void> {
    await manager.query(`DELETE FROM api_keys WHERE user_id = $1 AND revoked_at < $2`, [
      userId,
      time,
    ]);
  }

  async find(manager: EntityManager, id: string): Promise<ApiKey | undefined> {
    const [row] = await manager.query<Row[]>(
      `SELECT ${COLUMNS} FROM api_keys k JOIN api_key_budgets b ON b.api_key_id = k.id WHERE k.id = $1`,
      [id],
    );
    return row && fromRow(row);
  }

  /** Newest first, without revoked ones. */
  async list(userId: string, limit: number, before?: string): Promise<ApiKey[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM api_keys k JOIN api_key_budgets b ON b.api_key_id = k.id
        WHERE k.user_id = $1 AND k.revoked_at IS NULL AND ($2::uuid IS NULL OR k.id < $2)
        ORDER BY k.id DESC LIMIT $3`,
      [userId, before ?? null, limit],
    );
    return rows.map(fromRow);
  }

  /** @returns its hash, or undefined if the user has no such key */
  async revoke(userId: string, id: string): Promise<Buffer | undefined> {
    const [rows] = await this.dataSource.query<[{ hash: Buffer }[], number]>(
      `UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL
       RETURNING key_hash AS hash`,
      [id, userId],
    );
    return rows[0]?.hash;
  }

  /** Undefined if there is none or it is revoked. */
  async findInUse(hash: Buffer): Promise<KeyInUse | undefined> {
    const [row] = await this.dataSource.query<KeyInUse[]>(
      `SELECT k.id, k.user_id AS "userId", k.scopes, k.allowed_addresses AS "allowedAddresses",
              k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt",
              u.suspended_at IS NOT NULL AS suspended
         FROM api_keys k JOIN users u ON u.id = k.user_id
        WHERE k.key_hash = $1 AND k.revoked_at IS NULL`,
      [hash],
    );
    return row;
  }

  async markUsed(id: string): Promise<void> {
    await this.dataSource.query(`UPDATE api_keys SET last_used_at = now() WHERE id = $1`, [id]);
  }
}

function fromRow({ perDay, inAll, today, total, ...row }: Row): ApiKey {
  const limit = (text: string | null) => (text === null ? null : Number(text));
  return {
    ...row,
    budget: { perDay: limit(perDay), total: limit(inAll) },
    spent: { today: Number(today), total: Number(total) },
  };
}
