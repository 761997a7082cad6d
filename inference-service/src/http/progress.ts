import type { FastifyReply } from 'fastify';

/** More often is of no use to a person, nor to whoever passes it on. */
const EVERY_MS = 250;

/**
 * Tells the caller how many tiles are done, in informational responses (RFC 8297) before the answer:
 * `stylizer-progress: <done>/<all>`.
 */
export function progress(reply: FastifyReply): (done: number, total: number) => void {
  let told = -Infinity;
  return (done, total) => {
    const now = performance.now();
    if (now - told < EVERY_MS && done < total) return;
    told = now;
    // Node sends no informational response without a link.
    const hints = { link: '</v1/stylize>; rel="self"', 'stylizer-progress': `${done}/${total}` };
    if (!reply.raw.headersSent) reply.raw.writeEarlyHints(hints);
  };
}
