import type { FuzzRequest } from './requests.js';
import type { Answer } from './wire.js';

/** Ways in which the whole service may be too busy, with a documented code. */
const BUSY = new Set([
  'OVERLOADED',
  'UNAVAILABLE',
  'INFERENCE_UNAVAILABLE',
  'PROVIDER_UNAVAILABLE',
]);
const NOT_CONFIGURED = /_NOT_CONFIGURED$/;
/** Before routing, Node itself answers what is not HTTP. */
const NODE_ITSELF = new Set([400, 431, 417, 408]);

/** What is wrong with an answer; undefined if nothing is. */
export function judge({ route, headers }: FuzzRequest, answer: Answer): string | undefined {
  const { status, type, body } = answer;
  if (answer.headers['x-role'] ?? answer.headers['set-cookie']) return 'a header was injected';
  if (status === 0) return 'the connection was closed without an answer';
  if (status < 400) return undefined;
  if (!type.startsWith('application/problem+json')) {
    if (route.path.startsWith('/health/') && status === 503) return undefined;
    const odd = headers.some(([name]) => ['host', 'expect', 'x-injected'].includes(name));
    if (odd && NODE_ITSELF.has(status)) return undefined;
    return `${status} as ${type || 'nothing'}: ${body.slice(0, 200)}`;
  }
  const problem = parsed(body);
  if (problem?.status !== status || !/^[A-Z_]+$/.test(String(problem.code)))
    return `${status} is not a problem: ${body.slice(0, 200)}`;
  const code = String(problem.code);
  if (status >= 500 && !(status === 503 && (BUSY.has(code) || NOT_CONFIGURED.test(code))))
    return `${status} ${code}`;
  if (/\bat \S.{0,200}\.[cm]?[jt]s:\d+|node_modules/.test(body))
    return `a stack trace: ${body.slice(0, 300)}`;
  return undefined;
}

function parsed(body: string): { status?: unknown; code?: unknown } | undefined {
  try {
    return JSON.parse(body) as { status?: unknown };
  } catch {
    return undefined;
  }
}
