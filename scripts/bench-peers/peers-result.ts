import { median } from '../bench/statistics.js';
import type { Turns } from './rounds.js';

/** All networks at one size. */
export interface SizeResult {
  side: number;
  turns: Turns[];
}

export const turnsOf = ({ turns }: SizeResult, name: string): Turns =>
  turns.find((entry) => entry.name === name) ?? { name, error: 'not measured' };

/** Median milliseconds, or undefined for one that failed. */
export function timeOf(size: SizeResult, name: string): number | undefined {
  const found = turnsOf(size, name);
  return 'turns' in found ? median(found.turns) : undefined;
}

/**
 * How many times as long as `base` a network takes: the median of the ratios within each round, in
 * which what else the machine did fell on both alike.
 */
export function ratioOf(size: SizeResult, name: string, base: string): number | undefined {
  const [one, other] = [turnsOf(size, name), turnsOf(size, base)];
  if (!('turns' in one) || !('turns' in other)) return undefined;
  return median(one.turns.map((turn, round) => turn / (other.turns[round] ?? Number.NaN)));
}
