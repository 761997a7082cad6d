import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ProblemCode, STATUS_OF, titleOf, typeOf } from './problem.js';

const REASONS: Partial<Record<string, [ProblemCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    'REQUEST_TIMEOUT',
    'The request took too long to arrive. Send it again.',
  ],
  HPE_HEADER_OVERFLOW: [
    'HEADERS_TOO_LARGE',
    'The head of the request is too large. Send fewer or shorter headers.',
  ],
};
const MALFORMED: [ProblemCode, string] = [
  'MALFORMED_REQUEST',
  'This is not an HTTP request. Check how it is sent.',
];

/** Answers what never became a request: no hook and no filter runs for it. */
export function answerUnreadable(error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [code, detail] = REASONS[error.code ?? ''] ?? MALFORMED;
  const status = STATUS_OF[code];
  const requestId = randomUUID();
  const body = JSON.stringify({
    type: typeOf(code),
    title: titleOf(status),
    status,
    detail,
    code,
    requestId,
  });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  // Never into an answer that has begun; Node's own handler looks at the same.
  const { _httpMessage: begun } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  if (socket.writable && !begun?.headersSent) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
