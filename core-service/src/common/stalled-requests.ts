import type { FastifyInstance } from 'fastify';

/**
 * Closes connections whose request body stops arriving: a half-sent upload would hold its memory and
 * its connection forever. Slow uploads may take their time as long as bytes arrive.
 */
export function closeStalledRequests(server: FastifyInstance, idleMs: number): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    raw.setTimeout(idleMs, () => {
      if (!raw.complete) raw.destroy();
    });
    // Waiting for an answer is no stall. After the answer the limit is Node's, for idle connections.
    raw.once('end', () => {
      if (!reply.raw.writableFinished) raw.socket.setTimeout(0);
    });
    done();
  });
}
