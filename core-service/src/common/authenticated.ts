import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DomainError } from './domain-error.js';
import type { Principal } from './principal.js';

@Injectable()
export class BearerGuard extends AuthGuard('jwt') {
  override handleRequest<T = Principal>(error: unknown, principal: T | false): T {
    if (error instanceof Error) throw error;
    if (!principal)
      throw new DomainError(
        'UNAUTHENTICATED',
        'Send a valid access token: "Authorization: Bearer …". Log in or refresh to get one.',
      );
    return principal;
  }
}

/** A token is optional, but must be valid if sent. */
@Injectable()
export class OptionalBearerGuard extends BearerGuard {
  override canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    return request.headers.authorization === undefined ? true : super.canActivate(context);
  }
}

/** The route, or every route of the controller, requires an access token. */
export const Authenticated = () => applyDecorators(ApiBearerAuth(), UseGuards(BearerGuard));

export const MaybeAuthenticated = () =>
  applyDecorators(ApiBearerAuth(), ApiSecurity({}), UseGuards(OptionalBearerGuard));

/** The {@link Principal}; undefined only behind {@link MaybeAuthenticated}. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<FastifyRequest & { user?: Principal }>().user,
);
