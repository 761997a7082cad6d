import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../bench/statistics.js';

export interface Runner {
  name: string;
  /** Milliseconds of so many runs, one after the other. */
  run(runs: number): Promise<number[]>;
}

export interface Limits {
  /** No further round begins after so many milliseconds, once there are `fewest`. */
  budgetMs: number;
  fewest: number;
  most: number;
}

/** The median of each turn, one for every round, or why there is none. */
export type Turns = { name: string; turns: number[] } | { name: string; error: string };

/** A turn takes about so long: a fast network runs several times in it. */
const TURN_MS = 200;
const MOST_RUNS = 10;
/** A run that takes longer warms up by itself. */
const SLOW_MS = 2_000;
/** Worker threads of the one before spin for a while when they have nothing to do. */
const PAUSE_MS = 50;

/**
 * All in turn, round after round, so that what else the machine does falls on all alike. The round
 * before the first warms up. One that fails is left out from then on.
 */
export async function rounds(runners: readonly Runner[], limits: Limits): Promise<Turns[]> {
  const start = performance.now();
  const states = runners.map((runner) => ({
    runner,
    runs: 1,
    turns: [] as number[],
    error: undefined as string | undefined,
  }));
  for (let round = -1; round < limits.most; round++) {
    if (round >= limits.fewest && performance.now() - start > limits.budgetMs) break;
    for (const state of states) {
      if (state.error !== undefined) continue;
      await pause(PAUSE_MS);
      try {
        if (round < 0) state.runs = await warmUp(state.runner);
        else state.turns.push(median(await state.runner.run(state.runs)));
      } catch (error) {
        state.error = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return states.map(({ runner: { name }, turns, error }) =>
    error === undefined ? { name, turns } : { name, error },
  );
}

/** How many runs go into a turn. The first may be several times as slow as any other. */
async function warmUp(runner: Runner): Promise<number> {
  const first = median(await runner.run(1));
  if (first > SLOW_MS) return 1;
  const second = median(await runner.run(1));
  return Math.min(MOST_RUNS, Math.max(1, Math.floor(TURN_MS / second)));
}
