import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Polls until the answer is as wanted, where no event announces it.
 *
 * @throws Error with the last answer when the deadline passes
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  wanted: (answer: T) => boolean,
  deadlineMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`still so after ${deadlineMs} ms: ${JSON.stringify(answer)}`);
    await delay(POLL_MS);
  }
}
