import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../audit/audit-entry.js';
import type { Principal } from '../common/principal.js';

/** The {@link Actor} of a request to an `@Operator()` route. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { user, ip, id } = context
    .switchToHttp()
    .getRequest<FastifyRequest & { user: Principal }>();
  return { userId: user.userId, address: ip, requestId: id };
});
