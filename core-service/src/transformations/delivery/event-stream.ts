import { z } from 'zod';
import { transformationBody } from '../transformation.dto.js';
import type { Transformation, TransformationStatus } from '../transformation.js';

const EVENT = {
  pending: 'queued',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const satisfies Record<TransformationStatus, string>;

/** One event of the stream, for the API document. */
export const EventBody = z.object({
  event: z.enum(Object.values(EVENT)),
  data: z.string().meta({
    contentMediaType: 'application/json',
    contentSchema: { $ref: '#/components/schemas/Transformation' },
  }),
});

/** Proxies close idle connections. */
const KEEP_ALIVE_MS = 15_000;

/**
 * States as server-sent events (WHATWG HTML, section 9.2), with comments that keep the connection open.
 * A client that connects late first gets the earlier states, so every stream has them all.
 */
export async function* eventStream(
  states: AsyncGenerator<Transformation, void, void>,
): AsyncGenerator<string, void, void> {
  let next = states.next();
  const sent = new Set<TransformationStatus>();
  try {
    for (;;) {
      const state = await orSilence(next);
      if (state === 'silence') {
        yield ': keep-alive\n\n';
        continue;
      }
      if (state.done) return;
      for (const step of historyOf(state.value)) {
        // The same status again means new progress.
        if (step !== state.value && sent.has(step.status)) continue;
        sent.add(step.status);
        const data = JSON.stringify(transformationBody(step));
        yield `event: ${EVENT[step.status]}\ndata: ${data}\n\n`;
      }
      next = states.next();
    }
  } finally {
    await states.return();
  }
}

/** The states it went through, up to the current one. */
function historyOf(now: Transformation): Transformation[] {
  const unfinished = {
    completedAt: null,
    inferenceMs: null,
    progress: null,
    result: null,
    error: null,
  };
  const pending: Transformation = { ...now, ...unfinished, status: 'pending', startedAt: null };
  const processing: Transformation = { ...now, ...unfinished, status: 'processing' };
  if (now.status === 'pending') return [now];
  if (now.status === 'processing') return [pending, now];
  return now.startedAt ? [pending, processing, now] : [pending, now];
}

function orSilence<T>(promise: Promise<T>): Promise<T | 'silence'> {
  const { promise: silence, resolve } = Promise.withResolvers<'silence'>();
  const timer = setTimeout(() => resolve('silence'), KEEP_ALIVE_MS);
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}
