import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Authenticated } from './authenticated.js';
import { DomainError } from './domain-error.js';
import type { Principal } from './principal.js';

@Injectable()
export class OperatorGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { user } = context.switchToHttp().getRequest<FastifyRequest & { user?: Principal }>();
    if (user?.kind === 'user' && user.role === 'operator') return true;
    throw new DomainError('OPERATOR_ONLY', 'This is for operators of the service.');
  }
}

/**
 * The route, or every route of the controller, requires an operator who signed in; no API key will do. Its
 * routes name `OPERATOR_ONLY` among their problems.
 */
export const Operator = () => applyDecorators(Authenticated(), UseGuards(OperatorGuard));
