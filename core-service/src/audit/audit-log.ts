import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { type Page, pageOf } from '../common/pagination.js';
import { type AuditFilter, AuditRepository } from './audit.repository.js';
import type { Act, AuditEntry } from './audit-entry.js';

/** What operators did. Entries are written in the transaction of the act, and never change. */
@Injectable()
export class AuditLog {
  constructor(private readonly entries: AuditRepository) {}

  /**
   * A second act with the actor's idempotency key violates `audit_log_idempotency_key`, and so undoes its
   * transaction.
   */
  record(manager: EntityManager, act: Act): Promise<void> {
    return this.entries.insert(manager, { id: uuid(), ...act });
  }

  findByKey(actorId: string, idempotencyKey: string): Promise<AuditEntry | undefined> {
    return this.entries.findByKey(actorId, idempotencyKey);
  }

  /** Newest first. @param filter `before`: id of the last entry of the page before */
  async list({ limit, ...filter }: AuditFilter): Promise<Page<AuditEntry>> {
    return pageOf(await this.entries.list({ ...filter, limit: limit + 1 }), limit);
  }
}
