import { expect } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { LedgerAudit } from '../../src/ledger-audit/ledger-audit.js';

/** Every rule of the audit holds. */
export async function expectExactLedger(dataSource: DataSource): Promise<void> {
  expect(await new LedgerAudit(dataSource).run()).toEqual([]);
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
