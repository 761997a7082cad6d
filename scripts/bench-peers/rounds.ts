import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../bench/statistics.js';

export interface Runner {
  name: string;
  /** Milliseconds of this many consecutive runs. */
  run(runs: number): Promise<number[]>;
}

export interface Limits {
  /** No further round starts after this many milliseconds, once there are `fewest`. */
  budgetMs: number;
  fewest: number;
  most: number;
}

/** The median of each turn, one per round, or the error. */
export type Turns = { name: string; turns: number[] } | { name: string; error: string };

/** Approximate length of a turn: a fast network runs several times in it. */
const TURN_MS = 200;
const MOST_RUNS = 10;
/** Longer runs need no warm-up. */
const SLOW_MS = 2_000;
/** Idle worker threads of the previous network spin for a while. */
const PAUSE_MS = 50;

/**
 * Runs all in turn, round by round, so that other load on the machine affects all equally. A first
 * round warms up. A failed one is skipped from then on.
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

/** The number of runs per turn. The first run may be several times slower than the others. */
async function warmUp(runner: Runner): Promise<number> {
  const first = median(await runner.run(1));
  if (first > SLOW_MS) return 1;
  const second = median(await runner.run(1));
  return Math.min(MOST_RUNS, Math.max(1, Math.floor(TURN_MS / second)));
}
