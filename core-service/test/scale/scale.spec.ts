import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Measured, measureAtScale } from './measure.js';
import { thereAndBack } from './there-and-back.js';
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

it('reads no growing table whole, and no unneeded rows', () => {
  expect(measured.faults).toEqual([]);
});

it('keeps every balance when migrations go down and up', async () => {
  const { before, after } = await thereAndBack(measured.url);
  expect(Number(before.revenue)).toBeGreaterThan(0);
  expect(after).toEqual(before);
}, 60_000);

it('detects a full table scan and a useless index scan', () => {
  const plan = (node: Partial<PlanNode>): Plan => {
    const scan = { 'Node Type': 'Index Scan', 'Actual Rows': 1, 'Actual Loops': 1 };
    const root = { ...scan, 'Node Type': 'Limit', Plans: [{ ...scan, ...node }] };
    return { statement: '', ms: 1, root };
  };
  const whole = { 'Node Type': 'Seq Scan', 'Relation Name': 'transfers' };
  expect(faultsOf(plan(whole))).toEqual(['reads all of transfers']);
  const index = { 'Relation Name': 'holds' };
  expect(faultsOf(plan({ ...index, 'Rows Removed by Filter': 9_999 }))).toEqual([
    'looks at 10000 rows of holds',
  ]);
  expect(faultsOf(plan(index))).toEqual([]);
});
