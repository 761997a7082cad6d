import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Act, AuditEntry } from './audit-entry.js';

export interface AuditFilter {
  subjectId?: string;
  actorId?: string;
  before?: string;
  limit: number;
}

const COLUMNS = `id, actor_id AS "actorId", action, subject_id AS "subjectId", before, after, reason, address,
  request_id AS "requestId", created_at AS "createdAt"`;

@Injectable()
export class AuditRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(manager: EntityManager, entry: Act & { id: string }): Promise<void> {
    const { actor } = entry;
    await manager.query(
      `INSERT INTO audit_log (id, actor_id, action, subject_id, before, after, reason, address, request_id,
                              idempotency_key)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        entry.id,
        actor.userId,
        entry.action,
        entry.subjectId ?? null,
        entry.before ? JSON.stringify(entry.before) : null,
        entry.after ? JSON.stringify(entry.after) : null,
        entry.reason ?? null,
        actor.address ?? null,
        actor.requestId ?? null,
        entry.idempotencyKey ?? null,
      ],
    );
  }

  async findByKey(actorId: string, idempotencyKey: string): Promise<AuditEntry | undefined> {
    const [row] = await this.dataSource.query<AuditEntry[]>(
      `SELECT ${COLUMNS} FROM audit_log WHERE actor_id = $1 AND idempotency_key = $2`,
      [actorId, idempotencyKey],
    );
    return row;
  }

  /** Newest first. */
  list({ subjectId, actorId, before, limit }: AuditFilter): Promise<AuditEntry[]> {
    return this.dataSource.query<AuditEntry[]>(
      `SELECT ${COLUMNS} FROM audit_log
        WHERE ${subjectId ? 'subject_id = $1' : '$1::uuid IS NULL'}
          AND ${actorId ? 'actor_id = $2' : '$2::uuid IS NULL'}
          AND ($3::uuid IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4`,
      [subjectId ?? null, actorId ?? null, before ?? null, limit],
    );
  }
}
