import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { looksLikeKey } from './api-key.js';
import { LiveKeys } from './live-keys.js';

const BEARER = /^Bearer +(\S+) *$/i;

/** Takes bearer tokens that are API keys and leaves all others to the next strategy. */
@Injectable()
export class ApiKeyStrategy extends passport.Strategy {
  override readonly name = 'api-key';

  constructor(private readonly keys: LiveKeys) {
    super();
    passport.use(this);
  }

  override authenticate(request: Parameters<passport.Strategy['authenticate']>[0]): void {
    const { headers, ip } = request as unknown as FastifyRequest;
    const [, token = ''] = BEARER.exec(headers.authorization ?? '') ?? [];
    if (!looksLikeKey(token)) return this.fail();
    // An error ends the search: no other strategy takes a key.
    this.keys.principalOf(token, ip).then(
      (principal) => this.success(principal),
      (error) => this.error(error),
    );
  }
}
