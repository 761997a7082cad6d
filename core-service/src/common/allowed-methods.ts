import type { FastifyInstance } from 'fastify';
import { DomainError } from './domain-error.js';
import { answerProblem } from './error.filter.js';

/**
 * Answers a method that a known path does not have with 405 and `Allow` (RFC 9110, section 15.5.6).
 * To be called before routes are added.
 */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const paths = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const path = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    paths.set(url, path);
    for (const each of [method].flat()) path.methods.add(each);
  });
  fastify.addHook('onRequest', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    // A path without parameters stands for itself, though it fits one with a parameter, too.
    const literal = paths.get(path);
    if (literal ? literal.methods.has(request.method) : !request.is404) return;
    const fitting = literal
      ? [literal]
      : [...paths.values()].filter(({ pattern }) => pattern.test(path));
    const methods = fitting.flatMap((known) => [...known.methods]);
    if (methods.length === 0) return;
    const allow = [...new Set(methods)].sort().join(', ');
    const detail = `${request.method} is not allowed here. Use ${allow}.`;
    answerProblem(
      new DomainError('METHOD_NOT_ALLOWED', detail, { headers: { allow } }),
      request,
      reply,
    );
    return reply;
  });
}

function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? '[^/]+' : segment.replace(/[.\\+?^$(){}|[\]]/g, String.raw`\$&`),
    );
  return new RegExp(`^${segments.join('/')}/?$`);
}
