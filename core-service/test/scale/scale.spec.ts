import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Measured, measureAtScale } from './measure.js';

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
