import { describe, expect, it } from '@jest/globals';
import { pauseAfter } from './webhook-delivery.js';

const HOUR_MS = 3_600_000;
const pauses = (random: number) =>
  Array.from({ length: 10 }, (_, attempt) => pauseAfter(attempt + 1, 0, random));

describe('the pause after a failed attempt', () => {
  it('grows from five seconds to a day, and ends after ten attempts in three days', () => {
    const all = pauses(0.5);
    expect(all[0]).toBe(5_000);
    expect(all[8]).toBe(24 * HOUR_MS);
    expect(all[9]).toBeUndefined();
    const days = all.reduce<number>((sum, pause = 0) => sum + pause, 0) / (24 * HOUR_MS);
    expect(days).toBeGreaterThan(3);
    expect(days).toBeLessThan(3.5);
  });

  it('differs by up to a fifth, so that endpoints that failed together are not tried together', () => {
    expect(pauses(0)[0]).toBe(4_000);
    expect(pauses(1)[0]).toBe(6_000);
    expect(pauses(0)[8]).toBe(19.2 * HOUR_MS);
  });

  it('is at least what the endpoint asks for, up to a day, and never shorter for it', () => {
    expect(pauseAfter(1, 60_000)).toBe(60_000);
    expect(pauseAfter(1, 1_000_000 * HOUR_MS)).toBe(24 * HOUR_MS);
    expect(pauseAfter(4, 1_000, 0.5)).toBe(2 * HOUR_MS);
    expect(pauseAfter(10, 60_000)).toBeUndefined();
  });
});
