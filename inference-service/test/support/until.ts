import { scheduler } from 'node:timers/promises';

/** Resolves once `condition` holds. Looks seldom enough to leave the cores to the network. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await scheduler.wait(5);
}
