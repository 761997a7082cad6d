import { TransformationBody } from './dto/transformation.dto.js';
import type { Transformation, TransformationStatus } from './transformation.js';

const EVENT: Record<TransformationStatus, string> = {
  pending: 'queued',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Proxies close a connection on which nothing moves. */
const KEEP_ALIVE_MS = 15_000;

/** States as server-sent events (WHATWG HTML, section 9.2), with comments to keep the line open. */
export async function* eventStream(
  states: AsyncGenerator<Transformation, void, void>,
): AsyncGenerator<string, void, void> {
  let next = states.next();
  try {
    for (;;) {
      const state = await orSilence(next);
      if (state === 'silence') {
        yield ': still here\n\n';
        continue;
      }
      if (state.done) return;
      const body = TransformationBody.of(state.value);
      yield `event: ${EVENT[body.status]}\ndata: ${JSON.stringify(body)}\n\n`;
      next = states.next();
    }
  } finally {
    await states.return();
  }
}

function orSilence<T>(promise: Promise<T>): Promise<T | 'silence'> {
  const { promise: silence, resolve } = Promise.withResolvers<'silence'>();
  const timer = setTimeout(() => resolve('silence'), KEEP_ALIVE_MS);
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}
