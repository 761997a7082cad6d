import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import type { Principal } from '../common/principal.js';
import { RequestBudget } from './request-budget.js';

/** Every request with a principal spends of its account's budget; guards have run before. */
@Injectable()
export class SpendRequest implements NestInterceptor {
  constructor(private readonly budget: RequestBudget) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { user?: Principal }>();
    if (request.user)
      await this.budget.spend(request.user.userId, request, http.getResponse<FastifyReply>());
    return next.handle();
  }
}
