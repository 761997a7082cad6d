import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { announceQuota, type Quota } from './rate-limit-headers.js';

const WINDOW_SECONDS = 60;
const MEGABYTE = 1_000_000;

/**
 * What one account may ask of one process: a point for a request, and one for each megabyte that it sends or
 * receives. In memory: a round trip to the database for each read would cost more than most reads.
 */
@Injectable()
export class RequestBudget {
  private readonly quota: Quota;
  private readonly limiter: RateLimiterMemory;

  constructor(@Inject(CONFIG) config: Pick<Config, 'RATE_LIMIT_REQUESTS_PER_MINUTE'>) {
    const points = config.RATE_LIMIT_REQUESTS_PER_MINUTE;
    this.quota = { name: 'requests', points, windowSeconds: WINDOW_SECONDS };
    this.limiter = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
  }

  /** @throws DomainError RATE_LIMITED */
  async spend(userId: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { socket } = request.raw;
    const before = socket.bytesRead + socket.bytesWritten;
    const left = await this.limiter.consume(userId).catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    });
    announceQuota(reply, this.quota, left.remainingPoints, left.msBeforeNext);
    if (left.consumedPoints > this.quota.points)
      throw new DomainError(
        'RATE_LIMITED',
        'Too many requests, or too many megabytes. Wait and try again.',
        { retryAfterSeconds: left.msBeforeNext / 1000 },
      );
    reply.raw.once('close', () => {
      const megabytes = (socket.bytesRead + socket.bytesWritten - before) / MEGABYTE;
      if (megabytes >= 1) void this.limiter.penalty(userId, Math.floor(megabytes));
    });
  }
}
