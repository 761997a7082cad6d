import type { FastifyReply } from 'fastify';
import { Abandoned } from '../service-error.js';

/** Fires when the caller hangs up before the answer is out. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Abandoned());
  });
  return controller.signal;
}
