import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import type { UserPrincipal } from '../common/principal.js';
import { SessionsRepository } from './sessions.repository.js';

/** How long after its end, at most, another process still takes a session's access tokens. */
const REMEMBERED_MS = 5_000;
const MAX_REMEMBERED = 10_000;

/** Whether a session still lives, and whose it is: one query per session, process and five seconds. */
@Injectable()
export class LiveSessions {
  /** Oldest first. */
  private readonly known = new Map<
    string,
    { until: number; principal: Promise<UserPrincipal | undefined> }
  >();

  constructor(private readonly sessions: SessionsRepository) {}

  /**
   * Undefined for a session that has ended, or never was.
   *
   * @throws DomainError ACCOUNT_SUSPENDED
   */
  principalOf(sessionId: string): Promise<UserPrincipal | undefined> {
    const known = this.known.get(sessionId);
    if (known && known.until > Date.now()) return known.principal;
    this.known.delete(sessionId);
    if (this.known.size >= MAX_REMEMBERED) this.forget(this.known.keys().next().value as string);
    const principal = this.find(sessionId);
    this.known.set(sessionId, { until: Date.now() + REMEMBERED_MS, principal });
    // A failure is not an answer to remember.
    principal.catch(() => this.forget(sessionId));
    return principal;
  }

  /** After a session or its user changed. */
  forget(sessionId: string): void {
    this.known.delete(sessionId);
  }

  /** After a user was suspended, or has another role. */
  forgetAll(): void {
    this.known.clear();
  }

  private async find(sessionId: string): Promise<UserPrincipal | undefined> {
    const found = await this.sessions.findLive(sessionId);
    if (!found) return undefined;
    const { suspended, ...session } = found;
    if (suspended)
      throw new DomainError('ACCOUNT_SUSPENDED', 'The account is suspended. Write to our support.');
    return { kind: 'user', ...session };
  }
}
