import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Balance, HoldEnd, HoldPurpose, TransferKind, TrialBalance } from './ledger.js';

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

  async hasSignUpGrant(manager: EntityManager, userId: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `SELECT FROM transfers WHERE user_id = $1 AND kind = 'signup_grant'`,
      [userId],
    );
    return rows.length > 0;
  }

  /** For checks that must see the user's other transactions, such as a quota. */
  async lockAccounts(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      `SELECT FROM accounts WHERE user_id = $1 AND kind = 'available' FOR UPDATE`,
      [userId],
    );
  }

  /** Grants and purchases; pays debts with them. Returns the available balance after it, as the next two do. */
  transfer(
    manager: EntityManager,
    transfer: { kind: TransferKind; userId: string; amount: number; description: string },
  ): Promise<number> {
    const { kind, userId, amount, description } = transfer;
    return available(manager, `credit_tokens($1, $2, $3, $4)`, [kind, userId, amount, description]);
  }

  async takeBack(
    manager: EntityManager,
    back: { userId: string; amount: number; purchaseId: string; description: string },
  ): Promise<void> {
    const { userId, amount, purchaseId, description } = back;
    await manager.query(`SELECT take_back_tokens($1, $2, $3, $4)`, [
      userId,
      amount,
      purchaseId,
      description,
    ]);
  }

  hold(
    manager: EntityManager,
    hold: {
      userId: string;
      amount: number;
      purpose: HoldPurpose;
      expiresAt: Date;
      description: string;
      apiKeyId?: string;
    },
  ): Promise<number> {
    const { userId, amount, purpose, expiresAt, description, apiKeyId } = hold;
    const values = [userId, amount, ...idsOf(purpose), expiresAt, description];
    return apiKeyId
      ? available(manager, `hold_tokens_of_key($1, $2, $3, $4, $5, $6, $7)`, [...values, apiKeyId])
      : available(manager, `hold_tokens($1, $2, $3, $4, $5, $6)`, values);
  }

  endHold(
    manager: EntityManager,
    purpose: HoldPurpose,
    end: HoldEnd,
    description: string,
  ): Promise<number> {
    return available(manager, `end_hold($1, $2, $3, $4)`, [...idsOf(purpose), end, description]);
  }

  /**
   * Transformations whose holds have expired and are still open. Looks at the oldest open ones only:
   * holds expire in the order in which they were made.
   */
  async expiredHolds(limit: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM
         (SELECT id, (SELECT expires_at FROM holds WHERE transformation_id = t.id) AS expires_at
            FROM transformations t WHERE completed_at IS NULL ORDER BY id LIMIT $1) AS oldest
        WHERE expires_at <= now()`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async balance(userId: string): Promise<Balance | undefined> {
    const [row] = await this.dataSource.query<{ available: string; held: string; owed: string }[]>(
      `SELECT a.balance AS available, h.balance AS held,
              (SELECT coalesce(sum(remaining), 0) FROM debts d
                WHERE d.user_id = $1 AND d.remaining > 0) AS owed
         FROM accounts a JOIN accounts h ON h.user_id = a.user_id AND h.kind = 'held'
        WHERE a.user_id = $1 AND a.kind = 'available'`,
      [userId],
    );
    return (
      row && {
        available: Number(row.available),
        held: Number(row.held),
        ...(row.owed !== '0' && { owed: Number(row.owed) }),
      }
    );
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

  /** Reads the accounts of all users: for an operator, now and then. */
  async trialBalance(): Promise<TrialBalance> {
    const [row] = await this.dataSource.query<[Record<keyof TrialBalance, string>]>(
      `SELECT coalesce(sum(balance) FILTER (WHERE kind = 'available'), 0) AS available,
              coalesce(sum(balance) FILTER (WHERE kind = 'held'), 0) AS held,
              coalesce(sum(balance) FILTER (WHERE kind = 'revenue'), 0) AS revenue,
              coalesce(sum(balance) FILTER (WHERE kind = 'treasury'), 0) AS treasury,
              sum(balance) AS difference
         FROM (SELECT kind, balance FROM accounts
               UNION ALL SELECT kind, balance FROM system_balances) AS all_of_them`,
    );
    return {
      available: Number(row.available),
      held: Number(row.held),
      revenue: Number(row.revenue),
      treasury: Number(row.treasury),
      difference: Number(row.difference),
    };
  }

  /** Reads the open holds and 64 rows, however large the ledger is. */
  async systemBalances(): Promise<SystemBalances> {
    const [row] = await this.dataSource.query<[Record<keyof SystemBalances, string>]>(
      `SELECT (SELECT coalesce(sum(price), 0) FROM transformations WHERE completed_at IS NULL)
                + (SELECT coalesce(sum(price), 0) FROM styles WHERE status = 'pending') AS held,
              sum(balance) FILTER (WHERE kind = 'revenue') AS revenue,
              sum(balance) FILTER (WHERE kind = 'treasury') AS treasury
         FROM system_balances`,
    );
    return {
      held: Number(row.held),
      revenue: Number(row.revenue),
      treasury: Number(row.treasury),
    };
  }
}

async function available(manager: EntityManager, call: string, values: unknown[]): Promise<number> {
  const [row] = await manager.query<[{ available: string }]>(`SELECT ${call} AS available`, values);
  return Number(row.available);
}

/** Of the transformation and of the style; one of them is null. */
function idsOf(purpose: HoldPurpose): [string | null, string | null] {
  return 'styleId' in purpose ? [null, purpose.styleId] : [purpose.transformationId, null];
}
