import { median } from '../bench/statistics.js';
import type { Turns } from './rounds.js';

/** All networks at one size. */
export interface SizeResult {
  side: number;
  turns: Turns[];
}

export const turnsOf = ({ turns }: SizeResult, name: string): Turns =>
  turns.find((entry) => entry.name === name) ?? { name, error: 'not measured' };

/** Median milliseconds, or undefined for a failed network. */
export function timeOf(size: SizeResult, name: string): number | undefined {
  const found = turnsOf(size, name);
  return 'turns' in found ? median(found.turns) : undefined;
}

/**
 * A network's time relative to `base`: the median of the ratios within each round, in which other
 * load on the machine affects both equally.
 */
export function ratioOf(size: SizeResult, name: string, base: string): number | undefined {
  const [one, other] = [turnsOf(size, name), turnsOf(size, base)];
  if (!('turns' in one) || !('turns' in other)) return undefined;
  return median(one.turns.map((turn, round) => turn / (other.turns[round] ?? Number.NaN)));
}
