import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../../common/domain-error.js';
import {
  OneTimeTokensRepository,
  type TokenGrant,
  type TokenPurpose,
} from './one-time-tokens.repository.js';

const TOKEN_BYTES = 32;
const HOUR_MS = 3_600_000;
export const TOKEN_HOURS: Record<TokenPurpose, number> = {
  'verify-email': 72,
  'reset-password': 1,
  'confirm-old-email': 24,
  'confirm-new-email': 24,
};

/** Sent by mail and good for one use. Stored as SHA-256; a new one ends the old one. */
@Injectable()
export class OneTimeTokens {
  constructor(private readonly tokens: OneTimeTokensRepository) {}

  async issue(manager: EntityManager, grant: TokenGrant): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAt = new Date(Date.now() + TOKEN_HOURS[grant.purpose] * HOUR_MS);
    await this.tokens.put(manager, { ...grant, hash: hashOf(token), expiresAt });
    return token;
  }

  /** @throws DomainError INVALID_TOKEN for one that is unknown, used, replaced or expired */
  async use(
    manager: EntityManager,
    token: string,
    ...purposes: TokenPurpose[]
  ): Promise<TokenGrant> {
    return known(await this.tokens.take(manager, hashOf(token), purposes));
  }

  /**
   * What the token is for; it stays good.
   *
   * @throws DomainError INVALID_TOKEN
   */
  async look(token: string, purpose: TokenPurpose): Promise<TokenGrant> {
    return known(await this.tokens.find(hashOf(token), purpose));
  }

  revoke(manager: EntityManager, userId: string, ...purposes: TokenPurpose[]): Promise<void> {
    return this.tokens.revoke(manager, userId, purposes);
  }
}

function known(grant: TokenGrant | undefined): TokenGrant {
  if (!grant) throw invalidToken();
  return grant;
}

export function invalidToken(): DomainError {
  return new DomainError(
    'INVALID_TOKEN',
    'The token is wrong, used or expired. Ask for a new mail.',
  );
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
