import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LiveKeys } from '../api-keys/live-keys.js';
import { LiveSessions } from '../auth/live-sessions.js';
import type { Act, Actor, AuditAction } from '../audit/audit-entry.js';
import { AuditLog } from '../audit/audit-log.js';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import { Transaction, violates } from '../database/transaction.js';
import type { Balance } from '../tokens/ledger.js';
import { TokensService } from '../tokens/tokens.service.js';
import { normaliseEmail, type UserRole } from '../users/user.js';
import { type AdminUser, AdminUsersRepository } from './admin-users.repository.js';

export interface Granted {
  /** Available tokens right after it. */
  available: number;
  /** Whether the idempotency key was used before, and this is what came of it then. */
  replayed: boolean;
}

/** What operators do to users; each act is in the audit log, in the same transaction. */
@Injectable()
export class Operations {
  constructor(
    private readonly users: AdminUsersRepository,
    private readonly audit: AuditLog,
    private readonly tokens: TokensService,
    private readonly transaction: Transaction,
    private readonly sessions: LiveSessions,
    private readonly keys: LiveKeys,
  ) {}

  /** Newest first. @param before id of the last user of the page before */
  async list(
    actor: Actor,
    { email, before, limit }: { email?: string; before?: string; limit: number },
  ): Promise<Page<AdminUser>> {
    const filter = { email: email && normaliseEmail(email), before, limit: limit + 1 };
    const page = pageOf(await this.users.list(filter), limit);
    const after = { count: page.items.length, byEmail: email !== undefined };
    await this.record({ actor, action: 'users.list', after });
    return page;
  }

  /** @throws DomainError NOT_FOUND */
  async view(actor: Actor, id: string): Promise<AdminUser & { balance: Balance }> {
    const user = await this.users.find(id);
    if (!user) throw noSuchUser();
    await this.record({ actor, action: 'user.view', subjectId: id });
    return { ...user, balance: await this.tokens.balance(id) };
  }

  /**
   * @param amount tokens, a positive whole number
   * @param idempotencyKey of the actor
   * @throws DomainError NOT_FOUND | IDEMPOTENCY_KEY_REUSED
   */
  async grant(
    actor: Actor,
    userId: string,
    { amount, reason }: { amount: number; reason: string },
    idempotencyKey?: string,
  ): Promise<Granted> {
    try {
      const available = await this.transaction.run(async (manager) => {
        if (!(await this.users.lock(manager, userId))) throw noSuchUser();
        const available = await this.tokens.grantWithin(manager, userId, amount, reason);
        const change = { before: { available: available - amount }, after: { available } };
        const action = 'user.grant';
        const act = {
          actor,
          action,
          subjectId: userId,
          ...change,
          reason,
          idempotencyKey,
        } as const;
        await this.audit.record(manager, act);
        return available;
      });
      return { available, replayed: false };
    } catch (error) {
      if (!actor.userId || !idempotencyKey || !violates(error, 'audit_log_idempotency_key'))
        throw error;
      return this.grantedBefore(actor.userId, idempotencyKey, { userId, amount, reason });
    }
  }

  /** @throws DomainError NOT_FOUND | OWN_ACCOUNT */
  setRole(actor: Actor, id: string, role: UserRole, reason: string): Promise<AdminUser> {
    return this.change(actor, 'user.role', id, reason, async (manager, user) => {
      await this.users.setRole(manager, id, role);
      return { user: { ...user, role }, before: { role: user.role }, after: { role } };
    });
  }

  /** Refuses every token and key of the user from now on. @throws DomainError NOT_FOUND | OWN_ACCOUNT */
  suspend(actor: Actor, id: string, reason: string): Promise<AdminUser> {
    return this.changeSuspension(actor, 'user.suspend', id, reason, new Date());
  }

  /** @throws DomainError NOT_FOUND | OWN_ACCOUNT */
  unsuspend(actor: Actor, id: string, reason: string): Promise<AdminUser> {
    return this.changeSuspension(actor, 'user.unsuspend', id, reason, null);
  }

  private changeSuspension(
    actor: Actor,
    action: AuditAction,
    id: string,
    reason: string,
    suspendedAt: Date | null,
  ): Promise<AdminUser> {
    return this.change(actor, action, id, reason, async (manager, user) => {
      await this.users.setSuspended(manager, id, suspendedAt);
      return {
        user: { ...user, suspendedAt },
        before: { suspendedAt: user.suspendedAt },
        after: { suspendedAt },
      };
    });
  }

  private async change(
    actor: Actor,
    action: AuditAction,
    id: string,
    reason: string,
    work: (
      manager: EntityManager,
      user: AdminUser,
    ) => Promise<{ user: AdminUser } & Pick<Act, 'before' | 'after'>>,
  ): Promise<AdminUser> {
    // So nobody locks the last operator out by mistake.
    if (actor.userId === id)
      throw new DomainError('OWN_ACCOUNT', 'Ask another operator to do this to your account.');
    const changed = await this.transaction.run(async (manager) => {
      const locked = await this.users.lock(manager, id);
      if (!locked) throw noSuchUser();
      const { user, before, after } = await work(manager, locked);
      await this.audit.record(manager, { actor, action, subjectId: id, before, after, reason });
      return user;
    });
    // Rare, so that it costs little to look all of them up again.
    this.sessions.forgetAll();
    this.keys.forgetAll();
    return changed;
  }

  private async grantedBefore(
    actorId: string,
    key: string,
    asked: { userId: string; amount: number; reason: string },
  ): Promise<Granted> {
    const entry = await this.audit.findByKey(actorId, key);
    const available = Number(entry?.after?.available);
    const same =
      entry?.action === 'user.grant' &&
      entry.subjectId === asked.userId &&
      entry.reason === asked.reason &&
      available - Number(entry.before?.available) === asked.amount;
    if (!same)
      throw new DomainError(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key was used for a different request. Use a new key.',
      );
    return { available, replayed: true };
  }

  private record(act: Act): Promise<void> {
    return this.transaction.run((manager) => this.audit.record(manager, act));
  }
}

function noSuchUser(): DomainError {
  return new DomainError('NOT_FOUND', 'There is no such user.');
}
