import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.js';

/**
 * Closes connections whose request body stops arriving or drips: a half-sent upload would hold its memory and
 * its connection. Slow uploads may take their time as long as enough bytes arrive.
 */
export function closeStalledRequests(
  server: FastifyInstance,
  config: Pick<Config, 'REQUEST_IDLE_SECONDS' | 'REQUEST_IDLE_BYTES'>,
): void {
  const { REQUEST_IDLE_BYTES: least, REQUEST_IDLE_SECONDS: seconds } = config;
  server.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    if (raw.headers['content-length'] === undefined && !raw.headers['transfer-encoding'])
      return done();
    const { socket } = raw;
    let received = socket.bytesRead;
    const timer = setInterval(() => {
      if (raw.complete || socket.destroyed) return clearInterval(timer);
      if (socket.bytesRead - received < least) socket.destroy();
      received = socket.bytesRead;
    }, seconds * 1000);
    timer.unref();
    raw.once('end', () => clearInterval(timer));
    done();
  });
}
