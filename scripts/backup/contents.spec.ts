import { expect, test } from '@jest/globals';
import { type Contents, differences } from './contents.js';

const saved: Contents = {
  rows: { 'public.users': '2', 'public.transfers': '3' },
  balances: { available: '150', treasury: '-150' },
  transferred: '150',
};

test('equal contents have no differences', () => {
  expect(differences(saved, structuredClone(saved))).toEqual([]);
});

test('a lost row, a lost table and another balance are named', () => {
  const found: Contents = {
    rows: { 'public.users': '1', 'public.extra': '0' },
    balances: { available: '140', treasury: '-150' },
    transferred: '140',
  };
  expect(differences(saved, found)).toEqual([
    'public.users: 2 rows, now 1',
    'public.transfers: 3 rows, now no',
    'public.extra: no rows, now 0',
    'balance of available: 150, now 140',
    'transferred: 150, now 140',
    "the ledger's balances add up to -10 instead of 0",
  ]);
});
