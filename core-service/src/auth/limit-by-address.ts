import { type CanActivate, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiter } from './rate-limiter.js';

@Injectable()
export class AddressGuard implements CanActivate {
  constructor(private readonly rateLimiter: RateLimiter) {}

  async canActivate(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const { ip } = http.getRequest<FastifyRequest>();
    await this.rateLimiter.authAttempt(ip, http.getResponse<FastifyReply>());
    return true;
  }
}

/**
 * The route counts against the limit of its client's address for signing in and up. Its module imports
 * AuthModule, and its `@ApiProblem` names RATE_LIMITED.
 */
export const LimitByAddress = () => UseGuards(AddressGuard);
