import type { IncomingMessage } from 'node:http';
import { v7 as uuid } from 'uuid';

const SANE = /^[\w.:-]{1,128}$/;

/** The caller's X-Request-Id if it is safe for logs and headers, otherwise a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SANE.test(given) ? given : uuid();
}
