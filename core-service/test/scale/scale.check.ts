import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Measured, measureAtScale } from './measure.js';
import { thereAndBack } from './there-and-back.js';

const USERS = Number(process.env.USERS ?? 1_000_000);
const SLOWEST_MS = 20;
const SHOWN = 10;

let measured: Measured;

beforeAll(async () => {
  measured = await measureAtScale(USERS, {
    say: (text) => process.stderr.write(`${text}\n`),
    dataDirectory: process.env.SCALE_DATA || undefined,
  });
  const slowest = [...measured.plans].sort((a, b) => b.ms - a.ms).slice(0, SHOWN);
  process.stderr.write(`\nThe ${SHOWN} slowest of ${measured.plans.length} statements:\n`);
  for (const { ms, statement } of slowest)
    process.stderr.write(`${ms.toFixed(1).padStart(8)} ms  ${statement.slice(0, 150)}\n`);
}, 7_200_000);
afterAll(() => measured?.close());

it('runs every statement of every repository', () => {
  expect(measured.uncalled).toEqual([]);
});

it('reads no growing table whole, and no unneeded rows', () => {
  expect(measured.faults).toEqual([]);
});

it(`runs every statement within ${SLOWEST_MS} ms once its pages are cached`, () => {
  expect(measured.slow(SLOWEST_MS)).toEqual([]);
});

it('blocks no writer for over a second while migrations go down and up', async () => {
  const { before, after, downMs, upMs, longestWaitMs } = await thereAndBack(measured.url);
  const [down, up] = [downMs, upMs].map((ms) => (ms / 1000).toFixed(1));
  process.stderr.write(
    `\nMigrations: back in ${down} s, up in ${up} s; a writer waited ${Math.round(longestWaitMs)} ms at most\n`,
  );
  expect(after).toEqual(before);
  expect(longestWaitMs).toBeLessThan(1_000);
}, 7_200_000);
