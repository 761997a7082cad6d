import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DomainError } from './domain-error.js';
import type { Principal, Scope } from './principal.js';

const SCOPE = 'scope';

@Injectable()
export class BearerGuard extends AuthGuard(['api-key', 'jwt']) {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override handleRequest<T = Principal>(
    error: unknown,
    principal: T | false,
    _info: unknown,
    context: ExecutionContext,
  ): T {
    if (error instanceof Error) throw error;
    if (!principal)
      throw new DomainError(
        'UNAUTHENTICATED',
        'Send a valid access token or API key: "Authorization: Bearer …". Log in or refresh to get a token.',
      );
    const routes = [context.getHandler(), context.getClass()];
    assertScope(principal as unknown as Principal, this.reflector.getAllAndOverride(SCOPE, routes));
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

/** @throws DomainError INSUFFICIENT_SCOPE */
function assertScope(principal: Principal, scope: Scope | undefined): void {
  if (principal.kind === 'user') return;
  if (!scope)
    throw new DomainError(
      'INSUFFICIENT_SCOPE',
      'API keys cannot be used here. Log in and send an access token.',
    );
  if (!principal.scopes.includes(scope))
    throw new DomainError('INSUFFICIENT_SCOPE', `The API key lacks the scope "${scope}".`);
}

/**
 * The route, or every route of the controller, requires an access token, or an API key with the scope.
 * Without a scope no API key will do. A route's scope counts before its controller's.
 */
export const Authenticated = (scope?: Scope) =>
  applyDecorators(
    ApiSecurity('bearer', scope ? [scope] : []),
    SetMetadata(SCOPE, scope),
    UseGuards(BearerGuard),
  );

export const MaybeAuthenticated = (scope: Scope) =>
  applyDecorators(
    ApiSecurity('bearer', [scope]),
    ApiSecurity({}),
    SetMetadata(SCOPE, scope),
    UseGuards(OptionalBearerGuard),
  );

/** The {@link Principal}; undefined only behind {@link MaybeAuthenticated}. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<FastifyRequest & { user?: Principal }>().user,
);
