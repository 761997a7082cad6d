import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import {
  aCompletion,
  type LedgerFixture,
  ledgerFixture,
  transformationRow,
} from '../support/ledger-fixture.js';
import { expectExactLedger } from '../support/ledger.js';

/** Statements of replicas from before 28 November 2026, which run while the new ones start. */
const OLD_LOCK = `SELECT FROM accounts WHERE user_id = $1 ORDER BY kind FOR UPDATE`;
const OLD_HOLD = `INSERT INTO holds (id, user_id, amount, transformation_id, expires_at)
  VALUES ($1, $2, $3, $4, now())`;
const OLD_TRANSFER = `INSERT INTO transfers
    (id, kind, from_account_id, to_account_id, amount, user_id, hold_id, description, available_after)
  SELECT $1, $2, f.id, t.id, $3, $4, $5, $6, 0
    FROM accounts f, accounts t
   WHERE f.kind = $7 AND (f.user_id = $4 OR f.user_id IS NULL)
     AND t.kind = $8 AND (t.user_id = $4 OR t.user_id IS NULL)
  RETURNING available_after AS available`;

let ledger: LedgerFixture;

beforeAll(async () => {
  ledger = await ledgerFixture();
});
afterAll(() => ledger.close());

it('accepts the statements of the previous version’s replicas, in their order', async () => {
  const user = await ledger.user(100);
  const transfer = async (
    manager: EntityManager,
    hold: string,
    kind: string,
    from: string,
    to: string,
  ) => {
    const values = [randomUUID(), kind, 10, user, hold, 'as before', from, to];
    const rows = await manager.query<{ available: string }[]>(OLD_TRANSFER, values);
    return rows.map(({ available }) => available);
  };
  const [id, hold] = [randomUUID(), randomUUID()];
  await ledger.transaction.run(async (manager) => {
    await manager.query(OLD_LOCK, [user]);
    await manager.query(OLD_HOLD, [hold, user, 10, id]);
    expect(await transfer(manager, hold, 'hold', 'available', 'held')).toEqual(['90']);
    await ledger.transformations.insert(manager, transformationRow(id, user));
  });
  await ledger.transaction.run(async (manager) => {
    await manager.query(OLD_LOCK, [user]);
    await ledger.transformations.claim(manager, id);
    await ledger.transformations.complete(manager, id, aCompletion);
    expect(await transfer(manager, hold, 'settle', 'held', 'revenue')).toEqual(['90']);
  });
  expect(await ledger.tokens.balance(user)).toEqual({ available: 90, held: 0 });
  await expectExactLedger(ledger.dataSource);
});
