import { STATUS_CODES } from 'node:http';
import { ImageRejected } from '@stylizer/common';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Busy, ClientGone, type ErrorCode, ServiceError, ValidationFailed } from '../errors.js';

const STATUS: Record<ErrorCode, number> = {
  VALIDATION_FAILED: 400,
  STYLE_NOT_FOUND: 404,
  NOT_FOUND: 404,
  MODEL_MISMATCH: 409,
  IMAGE_TOO_LARGE: 413,
  UNSUPPORTED_IMAGE: 415,
  IMAGE_UNREADABLE: 422,
  IMAGE_TOO_SMALL: 422,
  BUSY: 429,
  INTERNAL: 500,
  INTERRUPTED: 500,
  UNAVAILABLE: 503,
  DISK_FULL: 507,
};

/** nginx's status for a client that disconnected; seen only in logs and metrics. */
const CLIENT_CLOSED_REQUEST = 499;

/** Sends any error as RFC 9457 problem details. The text of unexpected errors goes to the log only. */
export function sendProblem(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error instanceof ClientGone) return reply.code(CLIENT_CLOSED_REQUEST).send();
  const known = asKnown(error);
  const status = STATUS[known.code];
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  else request.log.info({ code: known.code, reason: known.message }, 'request refused');
  if (known instanceof Busy) void reply.header('retry-after', known.retryAfterSeconds);
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      detail: known.code === 'INTERNAL' ? 'Something went wrong on our side.' : known.message,
      instance: request.url,
      code: known.code,
      requestId: request.id,
      ...(known instanceof ValidationFailed && { errors: known.errors }),
    });
}

function asKnown(error: FastifyError | Error): ServiceError | ImageRejected {
  if (error instanceof ServiceError || error instanceof ImageRejected) return error;
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status >= 500) return new ServiceError('INTERNAL', 'Unexpected error.', { cause: error });
  return new ValidationFailed([{ path: 'request', message: error.message }], { cause: error });
}
