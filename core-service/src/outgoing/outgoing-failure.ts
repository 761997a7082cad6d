import { DomainError } from '../common/domain-error.js';
import { errorCode } from '../common/error-code.js';
import { notAllowed, unreachable } from './outgoing-rules.js';

/** What each failure of the other side is called. Nothing of the error's own text: it names addresses. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused.',
  ECONNRESET: 'the connection was cut.',
  EHOSTUNREACH: 'there is no way to its host.',
  ENETUNREACH: 'there is no way to its host.',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long.',
  UND_ERR_HEADERS_TIMEOUT: 'the answer took too long.',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped arriving.',
  UND_ERR_HEADERS_OVERFLOW: 'its headers are too large.',
  UND_ERR_SOCKET: 'the connection was cut.',
};
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;
/** A proxy's answer to CONNECT. */
const PROXY_REFUSED = /Proxy response \((403|407)\)/;

/** A failed call in our words. What the caller's own functions threw stays as it is. */
export function translate(error: unknown, { timedOut }: { timedOut: boolean }): unknown {
  const own = errorsOf(error).find((one) => one instanceof DomainError);
  if (own) return own;
  if (timedOut) return unreachable('the answer took too long.', error);
  if (errorsOf(error).some((one) => PROXY_REFUSED.test(String(one))))
    return notAllowed('Its host does not lead to a public address.');
  const codes = errorsOf(error).map((one) => errorCode(one) ?? '');
  if (codes.some((code) => TLS.test(code)))
    return unreachable('its certificate or encryption is not valid.', error);
  const known = codes.find((code) => REASONS[code]);
  if (known) return unreachable(String(REASONS[known]), error);
  const failed = codes.some((code) => /^(E[A-Z]+$|UND_ERR)/.test(code)) || isNonsense(error);
  return failed ? unreachable('the answer is not valid.', error) : error;
}

function isNonsense(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'HTTPParserError';
}

/** The error, its causes, and the parts of an AggregateError (one for each address tried). */
function errorsOf(error: unknown): unknown[] {
  if (typeof error !== 'object' || error === null) return [error];
  const { cause, errors = [] } = error as { cause?: unknown; errors?: unknown[] };
  return [error, ...(cause ? errorsOf(cause) : []), ...errors.flatMap(errorsOf)];
}
