import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Measured, measureAtScale } from './measure.js';
import { faultsOf, type Plan, type PlanNode } from './plans.js';

/** Enough rows for the planner to want an index; the whole size is `make scale-check`. */
const USERS = 2_000;

let measured: Measured;

beforeAll(async () => {
  measured = await measureAtScale(USERS);
}, 180_000);
afterAll(() => measured?.close());

it('runs every statement of every repository', () => {
  expect(measured.uncalled).toEqual([]);
  expect(measured.plans.length).toBeGreaterThan(300);
});

it('reads no growing table whole, and no more rows than its answers need', () => {
  expect(measured.faults).toEqual([]);
});

it('finds a table that is read whole, and an index that is read for nothing', () => {
  const scan = { 'Actual Rows': 1, 'Actual Loops': 1, 'Rows Removed by Filter': 9_999 };
  const plan = (root: Partial<PlanNode> & { 'Node Type': string }): Plan => ({
    statement: '',
    ms: 1,
    root: { 'Node Type': 'Limit', 'Actual Rows': 1, 'Actual Loops': 1, Plans: [{ ...scan, ...root }] },
  });
  const seq = { 'Node Type': 'Seq Scan', 'Relation Name': 'transfers' };
  expect(faultsOf(plan(seq)).toEqual([
    'reads all of transfers',
    'looks at 10000 rows of transfers',
  ]);
  const index = { 'Node Type': 'Index Scan', 'Relation Name': 'holds' };
  expect(faultsOf(plan(index)).toEqual(['looks at 10000 rows of holds']);
  expect(faultsOf(plan({ ...index, 'Rows Removed by Filter': 0 })).toEqual([]);
});
