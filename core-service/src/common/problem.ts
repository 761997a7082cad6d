import { HttpException, HttpStatus } from '@nestjs/common';
import { ImageRejected } from '@stylizer/common';
import type { FastifyError } from 'fastify';
import { errorCode } from './error-code.js';
import {
  DomainError,
  type ErrorCode,
  type FieldError,
  type ProblemMembers,
} from './domain-error.js';

/** What the framework refuses with, beside the domain. */
type FrameworkCode =
  | 'MALFORMED_REQUEST'
  | 'REQUEST_TIMEOUT'
  | 'HEADERS_TOO_LARGE'
  | 'BAD_REQUEST'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'INTERNAL'
  | 'UNAVAILABLE';
export type ProblemCode = ErrorCode | FrameworkCode;

export const STATUS_OF: Record<ProblemCode, number> = {
  VALIDATION_FAILED: 400,
  WEAK_PASSWORD: 400,
  INVALID_TOKEN: 400,
  UNAUTHENTICATED: 401,
  INVALID_CREDENTIALS: 401,
  INVALID_REFRESH_TOKEN: 401,
  REFRESH_TOKEN_REUSED: 401,
  INSUFFICIENT_TOKENS: 402,
  INSUFFICIENT_SCOPE: 403,
  KEY_BUDGET_EXCEEDED: 402,
  ADDRESS_NOT_ALLOWED: 403,
  ACCOUNT_SUSPENDED: 403,
  OPERATOR_ONLY: 403,
  API_KEY_QUOTA_EXCEEDED: 409,
  OWN_ACCOUNT: 409,
  NOT_FOUND: 404,
  STYLE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  EMAIL_TAKEN: 409,
  STYLE_QUOTA_EXCEEDED: 409,
  STYLE_OUTDATED: 409,
  NOT_READY: 409,
  NOT_CANCELLABLE: 409,
  TRANSFORMATION_IN_PROGRESS: 409,
  TRANSFORMATION_CANCELLED: 409,
  IDEMPOTENCY_KEY_IN_USE: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  RESULT_EXPIRED: 410,
  IMAGE_TOO_LARGE: 413,
  UNSUPPORTED_IMAGE: 415,
  IMAGE_UNREADABLE: 422,
  IMAGE_TOO_SMALL: 422,
  RATE_LIMITED: 429,
  PACK_NOT_FOUND: 404,
  QUOTE_NOT_FOUND: 404,
  QUOTE_MISMATCH: 422,
  INVALID_SIGNATURE: 400,
  PAYMENTS_NOT_CONFIGURED: 503,
  PAYMENTS_UNAVAILABLE: 503,
  OVERLOADED: 503,
  TRANSFORMATION_FAILED: 500,
  INFERENCE_UNAVAILABLE: 503,
  STORAGE_FULL: 507,
  STORAGE_UNAVAILABLE: 503,
  EMAIL_NOT_ALLOWED: 422,
  PROOF_OF_WORK_REQUIRED: 403,
  PROOF_OF_WORK_INVALID: 403,
  SECOND_FACTOR_REQUIRED: 401,
  INVALID_CODE: 401,
  INVALID_CHALLENGE: 401,
  INVALID_PASSKEY: 401,
  IDENTITY_REFUSED: 401,
  REAUTHENTICATION_REQUIRED: 403,
  PROVIDER_NOT_FOUND: 404,
  TOTP_ENABLED: 409,
  TOTP_NOT_ENABLED: 409,
  PASSKEY_EXISTS: 409,
  PASSKEY_QUOTA_EXCEEDED: 409,
  ACCOUNT_EXISTS: 409,
  EMAIL_NOT_VERIFIED: 409,
  IDENTITY_TAKEN: 409,
  LAST_SIGN_IN_METHOD: 409,
  PROVIDER_UNAVAILABLE: 503,
  URL_NOT_ALLOWED: 422,
  URL_UNREACHABLE: 422,
  WEBHOOK_QUOTA_EXCEEDED: 409,
  WEBHOOK_ENDPOINT_DISABLED: 409,
  WEBHOOK_SECRET_REQUIRED: 409,
  WEBHOOK_URL_MISSING: 409,
  ACCOUNT_DELETED: 403,
  EXPORT_IN_PROGRESS: 409,
  // The one such refusal that is known: an id in the path over 100 characters.
  BAD_REQUEST: 414,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  MALFORMED_REQUEST: 400,
  REQUEST_TIMEOUT: 408,
  HEADERS_TOO_LARGE: 431,
};

/** The body of an error answer (RFC 9457), without the parts that the request adds. */
export interface Problem {
  status: number;
  code: ProblemCode;
  detail: string;
  errors?: FieldError[];
  members?: ProblemMembers;
  headers: Record<string, string>;
}

/** The public form of an error. An unknown error is a 500 without details. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DomainError) {
    const headers = { ...error.headers };
    if (error.retryAfterSeconds !== undefined)
      headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterSeconds)));
    if (STATUS_OF[error.code] === 401) headers['www-authenticate'] = 'Bearer';
    return {
      status: STATUS_OF[error.code],
      code: error.code,
      detail: error.message,
      errors: error.errors,
      members: error.members,
      headers,
    };
  }
  if (error instanceof ImageRejected)
    return problem(STATUS_OF[error.code], error.code, error.message);
  if (error instanceof HttpException) return ofFramework(error.getStatus(), error.message);
  if (isFastifyError(error)) return ofFramework(error.statusCode, error.message);
  if (isDatabaseAway(error))
    return {
      ...problem(
        503,
        'UNAVAILABLE',
        'The service is not available at the moment. Try again shortly.',
      ),
      headers: { 'retry-after': '5' },
    };
  return problem(
    500,
    'INTERNAL',
    'Something went wrong on our side. Mention the requestId when you report it.',
  );
}

function ofFramework(status: number, message: string): Problem {
  switch (status) {
    case 401:
      return {
        ...problem(401, 'UNAUTHENTICATED', message),
        headers: { 'www-authenticate': 'Bearer' },
      };
    case 404:
      return problem(404, 'NOT_FOUND', 'There is no such route.');
    case 413:
      return problem(413, 'PAYLOAD_TOO_LARGE', message);
    case 406: // @fastify/multipart's answer to a body that is not multipart
    case 415:
      return problem(415, 'UNSUPPORTED_MEDIA_TYPE', 'The Content-Type does not fit this route.');
    default:
      return status < 500
        ? problem(status, status === 400 ? 'VALIDATION_FAILED' : 'BAD_REQUEST', message)
        : problem(status, 'INTERNAL', 'Something went wrong on our side.');
  }
}

function problem(status: number, code: ProblemCode, detail: string): Problem {
  return { status, code, detail, headers: {} };
}

function isFastifyError(error: unknown): error is FastifyError & { statusCode: number } {
  return (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  );
}

/** The URN of a code, for `type`. */
export function typeOf(code: string): string {
  return `urn:stylizer:problem:${code.toLowerCase().replaceAll('_', '-')}`;
}

/** The short name of a status, for `title`. */
export function titleOf(status: number): string {
  const name = HttpStatus[status];
  if (status === 507) return 'Insufficient Storage';
  if (status === 431) return 'Request Header Fields Too Large';
  return name
    ? name
        .toLowerCase()
        .replace(
          /(^|_)([a-z])/g,
          (_, gap: string, letter: string) => (gap ? ' ' : '') + letter.toUpperCase(),
        )
    : 'Error';
}

/** Errors of the socket to the database. */
const BROKEN = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
/** Messages of pg errors without a code. */
const BROKEN_MESSAGE = /^(\w+: )?(Connection terminated|timeout exceeded when trying to connect)/;

/** PostgreSQL's FATAL errors: the session was ended or could not start. */
function isDatabaseAway(error: unknown): boolean {
  const severity = (error as { severity?: unknown } | null | undefined)?.severity;
  return (
    severity === 'FATAL' ||
    BROKEN.test(errorCode(error) ?? '') ||
    BROKEN_MESSAGE.test(String(error))
  );
}
