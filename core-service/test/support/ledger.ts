import { expect } from '@jest/globals';
import type { DataSource } from 'typeorm';

/**
 * The ledger is exact: all balances sum to zero, each is the sum of its transfers, held tokens equal
 * the open holds, and the tokens of every transformation and style are where its status says.
 */
export async function expectExactLedger(dataSource: DataSource): Promise<void> {
  const [sum] = await dataSource.query<{ total: string }[]>(
    `SELECT coalesce(sum(balance), 0) AS total
       FROM (SELECT balance FROM accounts UNION ALL SELECT balance FROM system_balances) AS all_of_them`,
  );
  expect(Number(sum?.total)).toBe(0);

  const wrongBalances = await dataSource.query<unknown[]>(
    `SELECT a.id, a.kind, a.balance FROM accounts a
      WHERE a.balance + (SELECT coalesce(sum(s.balance), 0) FROM system_balances s WHERE s.account_id = a.id)
            <> (SELECT coalesce(sum(CASE WHEN t.to_account_id = a.id THEN t.amount
                                                   ELSE -t.amount END), 0)
                            FROM transfers t WHERE a.id IN (t.from_account_id, t.to_account_id))`,
  );
  expect(wrongBalances).toEqual([]);

  const wrongHeld = await dataSource.query<unknown[]>(
    `SELECT a.user_id, a.balance FROM accounts a
      WHERE a.kind = 'held' AND a.balance <>
        (SELECT coalesce(sum(h.amount), 0) FROM holds h
          WHERE h.user_id = a.user_id AND NOT EXISTS
            (SELECT FROM transfers t WHERE t.hold_id = h.id AND t.kind IN ('settle', 'release')))`,
  );
  expect(wrongHeld).toEqual([]);

  const disagreeing = await dataSource.query<unknown[]>(
    `SELECT x.id, x.status, e.kind FROM transformations x
       LEFT JOIN holds h ON h.transformation_id = x.id AND h.user_id = x.user_id AND h.amount = x.price
       LEFT JOIN transfers o ON o.hold_id = h.id AND o.kind = 'hold'
       LEFT JOIN transfers e ON e.hold_id = h.id AND e.kind IN ('settle', 'release')
      WHERE o.id IS NULL
         OR e.kind IS DISTINCT FROM (CASE WHEN x.status = 'completed' THEN 'settle'
                                          WHEN x.status IN ('failed', 'cancelled') THEN 'release' END)`,
  );
  expect(disagreeing).toEqual([]);

  const disagreeingStyles = await dataSource.query<unknown[]>(
    `SELECT x.id, x.status, e.kind FROM styles x
       LEFT JOIN holds h ON h.style_id = x.id AND h.user_id = x.user_id AND h.amount = x.price
       LEFT JOIN transfers o ON o.hold_id = h.id AND o.kind = 'hold'
       LEFT JOIN transfers e ON e.hold_id = h.id AND e.kind IN ('settle', 'release')
      WHERE (o.id IS NULL) <> (x.price = 0)
         OR x.price > 0 AND e.kind IS DISTINCT FROM
              (CASE x.status WHEN 'ready' THEN 'settle' WHEN 'failed' THEN 'release' END)`,
  );
  expect(disagreeingStyles).toEqual([]);
}

/** Amounts of a user's transfers by kind. */
export async function transfersOf(
  dataSource: DataSource,
  userId: string,
): Promise<Record<string, number[]>> {
  const rows = await dataSource.query<{ kind: string; amounts: string[] }[]>(
    `SELECT kind, array_agg(amount ORDER BY id) AS amounts FROM transfers
      WHERE user_id = $1 GROUP BY kind`,
    [userId],
  );
  return Object.fromEntries(rows.map(({ kind, amounts }) => [kind, amounts.map(Number)]));
}
