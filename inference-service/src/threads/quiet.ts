import { cpus } from 'node:os';
import { scheduler } from 'node:timers/promises';

const LOOK_MS = 200;

/** Share of all cores' time that others may take without harm to a measurement. */
const BUSY = 0.15;

/** Resolves when the machine has little else to do, such as starting what it starts with us, or after `mostMs`. */
export async function quiet(mostMs: number): Promise<void> {
  const until = performance.now() + mostMs;
  for (let before = spent(); performance.now() < until;) {
    await scheduler.wait(LOOK_MS);
    const now = spent();
    if (now.busy - before.busy < BUSY * (now.all - before.all)) return;
    before = now;
  }
}

/** Milliseconds of all cores since the machine started. */
function spent(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const { user, nice, sys, irq, idle } = times;
    busy += user + nice + sys + irq;
    all += user + nice + sys + irq + idle;
  }
  return { busy, all };
}
