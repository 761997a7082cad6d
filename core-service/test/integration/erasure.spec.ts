import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENDED_AT_ONCE, ERASED } from '../../src/account-data/erasure.js';
import { EXPORTED } from '../../src/account-data/export/exported-rows.js';
import { ledgerFixture, type LedgerFixture } from '../support/ledger-fixture.js';

/** Tables that keep their rows: the books, and what is gone by itself within days. */
const KEPT = ['accounts', 'holds', 'transfers', 'purchases', 'debts', 'account_deletions'];
const SHORT_LIVED = ['domain_events', 'quotes', 'sign_in_tickets'];
/** What a person need not be shown: secrets, copies of other rows, and what lives for minutes. */
const NOT_EXPORTED = [
  ...['accounts', 'holds', 'debts', 'account_deletions', 'idempotency_keys'],
  ...['one_time_tokens', 'email_changes', 'totp_secrets', 'recovery_codes'],
  ...SHORT_LIVED,
];

describe('a table with rows of users', () => {
  let ledger: LedgerFixture;
  let tables: string[];

  beforeAll(async () => {
    ledger = await ledgerFixture();
    const rows = await ledger.dataSource.query<{ name: string }[]>(
      `SELECT table_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'user_id'`,
    );
    tables = rows.map(({ name }) => name);
    expect(tables.length).toBeGreaterThan(20);
  });
  afterAll(() => ledger.close());

  const missing = (texts: string[], allowed: string[]) =>
    tables.filter(
      (table) =>
        !allowed.includes(table) && !texts.some((text) => new RegExp(`\\b${table}\\b`).test(text)),
    );

  it('is dealt with when the account is deleted', () => {
    expect(missing([...ENDED_AT_ONCE, ...ERASED], [...KEPT, ...SHORT_LIVED])).toEqual([]);
  });

  it('is in the export of the account', () => {
    const pages = Object.values(EXPORTED).map(({ page }) => page);
    expect(missing(pages, NOT_EXPORTED)).toEqual([]);
  });
});
