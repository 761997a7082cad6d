import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf, titleOf } from './problem.js';

/** The one place that knows both errors and HTTP: answers `application/problem+json` (RFC 9457). */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, code, detail, errors, headers } = problemOf(error);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    if (reply.sent) return;
    void reply
      .code(status)
      .headers(headers)
      .type('application/problem+json')
      .send({
        type: `urn:stylizer:problem:${code.toLowerCase().replaceAll('_', '-')}`,
        title: titleOf(status),
        status,
        detail,
        instance: request.url.split('?', 1)[0],
        code,
        requestId: request.id,
        ...(errors && { errors }),
      });
  }
}
