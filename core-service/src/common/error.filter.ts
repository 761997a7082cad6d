import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf, titleOf, typeOf } from './problem.js';

/** Answers `application/problem+json` (RFC 9457). */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, detail, errors, members, headers } = problemOf(error);
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  if (reply.sent) return;
  void reply
    .code(status)
    .headers(headers)
    .type('application/problem+json')
    .send({
      type: typeOf(code),
      title: titleOf(status),
      status,
      detail,
      instance: request.url.split('?', 1)[0],
      code,
      requestId: request.id,
      ...(errors && { errors }),
      ...members,
    });
}

/** The only place that maps errors to HTTP. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    answerProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
