import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { Notifications } from '../database/notifications.js';
import { afterCommit } from '../database/transaction.js';
import type { DomainEvent } from './domain-event.js';

/**
 * Domain events, each written in the transaction that causes it: an event exists exactly when its
 * change was committed. The notification after the commit only saves time.
 */
@Injectable()
export class Outbox {
  constructor(
    private readonly dataSource: DataSource,
    private readonly notifications: Notifications,
  ) {}

  async record(manager: EntityManager, event: DomainEvent): Promise<void> {
    const { type, userId, subjectId, data = {} } = event;
    await manager.query(
      `INSERT INTO domain_events (id, type, user_id, subject_id, data) VALUES ($1, $2, $3, $4, $5)`,
      [uuid(), type, userId, subjectId, JSON.stringify(data)],
    );
    afterCommit(manager, () => this.notifications.send(`${subjectId} status`));
  }

  /**
   * Subjects with an event in the last `seconds`. Transactions commit out of order, so a reader asks
   * for more seconds than have passed since it last asked.
   */
  async recentSubjects(seconds: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT DISTINCT subject_id AS id FROM domain_events
        WHERE created_at > now() - make_interval(secs => $1)`,
      [seconds],
    );
    return rows.map(({ id }) => id);
  }

  /** Deletes up to `limit` events made before that time, oldest first, and returns the count. */
  async deleteBefore(time: Date, limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM domain_events WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM domain_events WHERE created_at <= $1
          ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [time, limit],
    );
    return count;
  }
}
