import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { afterCommit, Transaction } from '../database/transaction.js';
import { type AccessTokenClaims, ACCESS_TOKEN_TYPE } from './access-token.js';
import { currentDevice } from './current-device.js';
import { LiveSessions } from './live-sessions.js';
import { type ListedSession, SessionsRepository } from './sessions.repository.js';

export interface TokenPair {
  accessToken: string;
  /** Lifetime of the access token in seconds. */
  expiresIn: number;
  refreshToken: string;
}

const REFRESH_TOKEN_BYTES = 32;
const DAY_MS = 86_400_000;
/** Of one user; one more ends the oldest. */
const MAX_SESSIONS = 100;

/**
 * Access tokens are short-lived JWTs; refresh tokens are opaque, stored as SHA-256 and valid
 * for one use. A token that is used twice was stolen or leaked, so its whole session ends.
 */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly live: LiveSessions,
    private readonly transaction: Transaction,
    private readonly jwt: JwtService,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'ACCESS_TOKEN_SECONDS' | 'REFRESH_TOKEN_DAYS'>,
  ) {}

  async open(manager: EntityManager, userId: string): Promise<TokenPair> {
    const id = uuid();
    await this.sessions.open(manager, { id, userId, ...currentDevice() });
    this.forget(manager, await this.sessions.revokeOldest(manager, userId, MAX_SESSIONS));
    return this.issue(manager, id, userId);
  }

  /** @throws DomainError INVALID_REFRESH_TOKEN | REFRESH_TOKEN_REUSED */
  async refresh(refreshToken: string): Promise<TokenPair & { userId: string }> {
    const hash = hashOf(refreshToken);
    const pair = await this.transaction.run(async (manager) => {
      const token = await this.sessions.lockByToken(manager, hash);
      if (!token || (token.expired && !token.used)) return 'invalid';
      if (token.used || token.revoked) {
        // Returned, not thrown: the revocation has to be committed.
        await this.sessions.revoke(manager, token.sessionId);
        this.forget(manager, [token.sessionId]);
        return token.used ? 'reused' : 'invalid';
      }
      await this.sessions.markUsed(manager, hash);
      await this.sessions.seen(manager, token.sessionId, currentDevice());
      const issued = await this.issue(manager, token.sessionId, token.userId);
      return { ...issued, userId: token.userId };
    });
    if (pair === 'reused')
      throw new DomainError(
        'REFRESH_TOKEN_REUSED',
        'This refresh token was used before, so the session was ended. Log in again.',
      );
    if (pair === 'invalid')
      throw new DomainError(
        'INVALID_REFRESH_TOKEN',
        'The refresh token is not valid. Log in again.',
      );
    return pair;
  }

  /** Ends the session that the token belongs to; an unknown token ends nothing. */
  async close(refreshToken: string): Promise<void> {
    await this.transaction.run(async (manager) => {
      const token = await this.sessions.lockByToken(manager, hashOf(refreshToken));
      if (!token) return;
      await this.sessions.revoke(manager, token.sessionId);
      this.forget(manager, [token.sessionId]);
    });
  }

  /** Those that can still be refreshed, newest first. */
  async list(userId: string, limit: number, before?: string): Promise<Page<ListedSession>> {
    return pageOf(await this.sessions.list(userId, limit + 1, before), limit);
  }

  /** @throws DomainError NOT_FOUND */
  async end(userId: string, id: string): Promise<void> {
    await this.transaction.run(async (manager) => {
      if (!(await this.sessions.revokeOwn(manager, userId, id)))
        throw new DomainError('NOT_FOUND', 'You have no such session, or it has ended.');
      this.forget(manager, [id]);
    });
  }

  /** Ends the user's sessions, with their access tokens, but for one. */
  async endAll(manager: EntityManager, userId: string, except?: string): Promise<void> {
    this.forget(manager, await this.sessions.revokeAll(manager, userId, except));
  }

  private forget(manager: EntityManager, ids: string[]): void {
    for (const id of ids) afterCommit(manager, () => this.live.forget(id));
  }

  /** Deletes up to `limit` expired refresh tokens, and sessions without any. Returns the number of tokens. */
  deleteExpired(limit: number): Promise<number> {
    return this.transaction.run((manager) => this.sessions.deleteExpired(manager, limit));
  }

  private async issue(
    manager: EntityManager,
    sessionId: string,
    userId: string,
  ): Promise<TokenPair> {
    const refreshToken = randomBytes(REFRESH_TOKEN_BYTES).toString('base64url');
    await this.sessions.addToken(manager, {
      hash: hashOf(refreshToken),
      sessionId,
      expiresAt: new Date(Date.now() + this.config.REFRESH_TOKEN_DAYS * DAY_MS),
    });
    const claims: AccessTokenClaims = { sub: userId, sid: sessionId, typ: ACCESS_TOKEN_TYPE };
    const accessToken = await this.jwt.signAsync(claims, { jwtid: uuid() });
    return { accessToken, refreshToken, expiresIn: this.config.ACCESS_TOKEN_SECONDS };
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
