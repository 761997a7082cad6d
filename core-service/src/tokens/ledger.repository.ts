import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { type Balance, type HoldPurpose, type TransferKind, wayOf } from './ledger.js';

export interface Transfer {
  kind: TransferKind;
  userId: string;
  amount: number;
  description: string;
  holdId?: string;
}

export interface Hold {
  id: string;
  userId: string;
  amount: number;
}

export interface LedgerLine {
  id: string;
  kind: TransferKind;
  amount: number;
  availableAfter: number;
  transformationId: string | null;
  styleId: string | null;
  description: string;
  createdAt: Date;
}

export interface SystemBalances {
  held: number;
  revenue: number;
  treasury: number;
}

@Injectable()
export class LedgerRepository {
  constructor(private readonly dataSource: DataSource) {}

  async openAccounts(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      `INSERT INTO accounts (kind, user_id) VALUES ('available', $1), ('held', $1)`,
      [userId],
    );
  }

  /** First lock of every transaction that moves a user's tokens. */
  async lockAccounts(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(`SELECT FROM accounts WHERE user_id = $1 ORDER BY kind FOR UPDATE`, [
      userId,
    ]);
  }

  /** Returns the available balance after it. */
  async insertTransfer(manager: EntityManager, transfer: Transfer): Promise<number> {
    const { from, to } = wayOf(transfer.kind);
    const [row] = await manager.query<{ available: string }[]>(
      `INSERT INTO transfers
         (id, kind, from_account_id, to_account_id, amount, user_id, hold_id, description,
          available_after)
       SELECT $1, $2, f.id, t.id, $3, $4, $5, $6, 0
         FROM accounts f, accounts t
        WHERE f.kind = $7 AND (f.user_id = $4 OR f.user_id IS NULL)
          AND t.kind = $8 AND (t.user_id = $4 OR t.user_id IS NULL)
       RETURNING available_after AS available`,
      [
        uuid(),
        transfer.kind,
        transfer.amount,
        transfer.userId,
        transfer.holdId ?? null,
        transfer.description,
        from,
        to,
      ],
    );
    if (!row) throw new Error(`user ${transfer.userId} has no ledger accounts`);
    return Number(row.available);
  }

  async insertHold(
    manager: EntityManager,
    hold: Hold & { purpose: HoldPurpose; expiresAt: Date },
  ): Promise<void> {
    const { id, userId, amount, purpose, expiresAt } = hold;
    const column = 'styleId' in purpose ? 'style_id' : 'transformation_id';
    await manager.query(
      `INSERT INTO holds (id, user_id, amount, ${column}, expires_at) VALUES ($1, $2, $3, $4, $5)`,
      [id, userId, amount, Object.values(purpose)[0], expiresAt],
    );
  }

  /** @param purposeId of the transformation or of the style */
  async holdOf(
    manager: EntityManager,
    purposeId: string,
  ): Promise<(Hold & { styleId: string | null }) | undefined> {
    const [row] = await manager.query<
      { id: string; userId: string; amount: string; styleId: string | null }[]
    >(
      `SELECT id, user_id AS "userId", amount, style_id AS "styleId" FROM holds
        WHERE transformation_id = $1 OR style_id = $1`,
      [purposeId],
    );
    return row && { ...row, amount: Number(row.amount) };
  }

  /** Transformations whose holds are past their time and still open. */
  async expiredHolds(limit: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT h.transformation_id AS id FROM holds h
        WHERE h.expires_at <= now() AND h.transformation_id IS NOT NULL AND NOT EXISTS
          (SELECT FROM transfers t WHERE t.hold_id = h.id AND t.kind IN ('settle', 'release'))
        ORDER BY h.expires_at LIMIT $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async balance(userId: string): Promise<Balance | undefined> {
    const [row] = await this.dataSource.query<{ available: string; held: string }[]>(
      `SELECT a.balance AS available, h.balance AS held
         FROM accounts a JOIN accounts h ON h.user_id = a.user_id AND h.kind = 'held'
        WHERE a.user_id = $1 AND a.kind = 'available'`,
      [userId],
    );
    return row && { available: Number(row.available), held: Number(row.held) };
  }

  async lines(userId: string, limit: number, before?: string): Promise<LedgerLine[]> {
    const rows = await this.dataSource.query<
      (Omit<LedgerLine, 'amount' | 'availableAfter'> &
        Record<'amount' | 'availableAfter', string>)[]
    >(
      `SELECT t.id, t.kind, t.amount, t.available_after AS "availableAfter",
              h.transformation_id AS "transformationId", h.style_id AS "styleId",
              t.description, t.created_at AS "createdAt"
         FROM transfers t LEFT JOIN holds h ON h.id = t.hold_id
        WHERE t.user_id = $1 AND ($2::uuid IS NULL OR t.id < $2)
        ORDER BY t.id DESC LIMIT $3`,
      [userId, before ?? null, limit],
    );
    return rows.map((row) => ({
      ...row,
      amount: Number(row.amount),
      availableAfter: Number(row.availableAfter),
    }));
  }

  async systemBalances(): Promise<SystemBalances> {
    const [row] = await this.dataSource.query<Record<keyof SystemBalances, string>[]>(
      `SELECT coalesce(sum(balance) FILTER (WHERE kind = 'held'), 0) AS held,
              coalesce(sum(balance) FILTER (WHERE kind = 'revenue'), 0) AS revenue,
              coalesce(sum(balance) FILTER (WHERE kind = 'treasury'), 0) AS treasury
         FROM accounts`,
    );
    return {
      held: Number(row?.held),
      revenue: Number(row?.revenue),
      treasury: Number(row?.treasury),
    };
  }
}
