import { setTimeout as delay } from 'node:timers/promises';
import type { Say } from './console.js';

const POLL_MS = 150;
const REMIND_MS = 15_000;

/** Waits until the service is ready, and regularly reports the reason. */
export async function waitUntilReady(
  name: string,
  url: string,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  let remindAt = Date.now() + REMIND_MS;
  for (;;) {
    signal.throwIfAborted();
    const answer = await probe(`${url}/health/ready`);
    if (answer === undefined) return;
    if (Date.now() > remindAt) {
      say(`still waiting for ${name}: ${answer}`);
      remindAt += REMIND_MS;
    }
    await delay(POLL_MS);
  }
}

/** @returns undefined when ready, else why not. */
export async function probe(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const body = await response.text();
    return response.status === 200 ? undefined : `${response.status} ${body.slice(0, 300)}`;
  } catch {
    return 'no answer yet';
  }
}
