import { Readable } from 'node:stream';
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

/** The kernel takes much of an answer at once, and of a slow but steady client's seldom. */
const ANSWER_PATIENCE = 4;

/** The same for clients that do not read a streamed answer, which holds its file and its buffers. */
export function closeStalledAnswers(
  server: FastifyInstance,
  config: Pick<Config, 'REQUEST_IDLE_SECONDS' | 'REQUEST_IDLE_BYTES'>,
): void {
  const { REQUEST_IDLE_BYTES: least, REQUEST_IDLE_SECONDS: seconds } = config;
  server.addHook('onSend', (request, reply, payload, done) => {
    if (payload instanceof Readable) {
      const { socket } = request.raw;
      let sent = socket.bytesWritten;
      let waiting = false;
      const timer = setInterval(
        () => {
          // What is written waits in memory until the client takes it: bytesWritten counts it too.
          const taken = socket.bytesWritten - socket.writableLength;
          if (waiting && taken - sent < least) socket.destroy();
          waiting = socket.writableNeedDrain;
          sent = taken;
        },
        seconds * ANSWER_PATIENCE * 1000,
      );
      timer.unref();
      reply.raw.once('close', () => clearInterval(timer));
    }
    done(null, payload);
  });
}
