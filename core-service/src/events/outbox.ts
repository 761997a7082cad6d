import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { Notifications } from '../database/notifications.js';
import { afterCommit } from '../database/transaction.js';
import type { DomainEvent } from './domain-event.js';

/** The notification that there is something to deliver to webhook endpoints. */
export const WEBHOOKS_DUE = 'webhooks due';

/**
 * Domain events, each written in the transaction that causes it: an event exists exactly when its
 * change was committed, and with it, in the same statement, a delivery for each webhook endpoint that
 * wants it. The notification after the commit only saves time.
 */
@Injectable()
export class Outbox {
  constructor(
    private readonly dataSource: DataSource,
    private readonly notifications: Notifications,
  ) {}

  async record(manager: EntityManager, event: DomainEvent): Promise<void> {
    const { type, userId, subjectId, data = {}, facts = data, webhookUrl = null } = event;
    const [recorded] = await manager.query<{ due: boolean }[]>(
      `SELECT record_event($1, $2, $3, $4, $5, $6, $7) AS due`,
      [
        ...[uuid(), type, userId, subjectId, JSON.stringify(data)],
        ...[JSON.stringify(facts), webhookUrl],
      ],
    );
    afterCommit(manager, () => {
      this.notifications.send(`${subjectId} status`);
      if (recorded?.due) this.notifications.send(WEBHOOKS_DUE);
    });
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
