import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { DeliveryStatus, WebhookDelivery } from './webhook-delivery.js';

const columns = (table: string) => `${table}.endpoint_id AS "endpointId", ${table}.id,
  event_type AS "eventType", data, url, occurred_at AS "occurredAt", status, due_at AS "dueAt", attempts,
  attempted_at AS "attemptedAt", duration_ms AS "durationMs", response_status AS "responseStatus",
  response_body AS "responseBody", error`;
const COLUMNS = columns('webhook_deliveries');

/** How one attempt ended. */
export interface Outcome {
  status: DeliveryStatus;
  /** Of the next attempt, in milliseconds from now. */
  pauseMs?: number;
  durationMs: number;
  responseStatus?: number;
  responseBody?: string;
  error?: string;
}

@Injectable()
export class WebhookDeliveriesRepository {
  constructor(private readonly dataSource: DataSource) {}

  async anyDue(): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT 1 FROM webhook_deliveries WHERE status = 'pending' AND due_at <= now() LIMIT 1`,
    );
    return rows.length > 0;
  }

  /**
   * Takes what is due, for as long as a dead process may keep it. An endpoint with a long backlog costs the
   * others nothing: endpoints are looked through one by one (a loose index scan), and of each only as many
   * deliveries as it has places.
   */
  async claim(
    manager: EntityManager,
    { limit, perEndpoint, seconds }: { limit: number; perEndpoint: number; seconds: number },
  ): Promise<WebhookDelivery[]> {
    // One process at a time, each with a look of its own: together they stay within `perEndpoint`.
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('webhook_deliveries', 0))`);
    const [rows] = await manager.query<[WebhookDelivery[], number]>(
      `WITH RECURSIVE endpoint AS (
         (SELECT endpoint_id AS id FROM webhook_deliveries WHERE status = 'pending'
           ORDER BY endpoint_id LIMIT 1)
         UNION ALL
         SELECT (SELECT endpoint_id FROM webhook_deliveries
                  WHERE status = 'pending' AND endpoint_id > endpoint.id ORDER BY endpoint_id LIMIT 1)
           FROM endpoint WHERE endpoint.id IS NOT NULL
       ), due AS (
         SELECT endpoint.id AS endpoint_id, delivery.id
           FROM endpoint
          CROSS JOIN LATERAL (
            SELECT greatest(0, $2 - count(*)) AS places FROM webhook_deliveries
             WHERE endpoint_id = endpoint.id AND claimed_until IS NOT NULL AND claimed_until > now()) free
          CROSS JOIN LATERAL (
            SELECT id, due_at FROM webhook_deliveries
             WHERE endpoint_id = endpoint.id AND status = 'pending' AND due_at <= now()
             ORDER BY due_at LIMIT free.places) delivery
          ORDER BY delivery.due_at LIMIT $1
       )
       UPDATE webhook_deliveries AS claimed
          SET due_at = now() + make_interval(secs => $3), claimed_until = now() + make_interval(secs => $3)
         FROM due
        WHERE claimed.endpoint_id = due.endpoint_id AND claimed.id = due.id
          AND claimed.status = 'pending' AND claimed.due_at <= now()
       RETURNING ${columns('claimed')}`,
      [limit, perEndpoint, seconds],
    );
    return rows;
  }

  /** Only while it is pending: it may have been skipped, or sent a second time, in the meantime. */
  async finish({ endpointId, id }: WebhookDelivery, outcome: Outcome): Promise<void> {
    await this.dataSource.query(
      `UPDATE webhook_deliveries
          SET status = $3, due_at = now() + make_interval(secs => $4), claimed_until = NULL,
              attempts = attempts + 1, attempted_at = now(), duration_ms = $5, response_status = $6,
              response_body = $7, error = $8
        WHERE endpoint_id = $1 AND id = $2 AND status = 'pending'`,
      [
        ...[endpointId, id, outcome.status, (outcome.pauseMs ?? 0) / 1000, outcome.durationMs],
        ...[outcome.responseStatus ?? null, outcome.responseBody ?? null, outcome.error ?? null],
      ],
    );
  }

  /** Another process may send it at once. */
  async giveBack({ endpointId, id }: WebhookDelivery): Promise<void> {
    await this.dataSource.query(
      `UPDATE webhook_deliveries SET due_at = now(), claimed_until = NULL
        WHERE endpoint_id = $1 AND id = $2 AND status = 'pending'`,
      [endpointId, id],
    );
  }

  /** All that is still to be sent to an endpoint. */
  async skip(manager: EntityManager, endpointId: string): Promise<void> {
    await manager.query(
      `UPDATE webhook_deliveries SET status = 'skipped', claimed_until = NULL
        WHERE endpoint_id = $1 AND status = 'pending'`,
      [endpointId],
    );
  }

  async insert(
    manager: EntityManager,
    row: Pick<WebhookDelivery, 'endpointId' | 'id' | 'eventType' | 'data'>,
  ): Promise<WebhookDelivery> {
    const [inserted] = await manager.query<WebhookDelivery[]>(
      `INSERT INTO webhook_deliveries (endpoint_id, id, event_type, data, status)
       VALUES ($1, $2, $3, $4, 'pending') RETURNING ${COLUMNS}`,
      [row.endpointId, row.id, row.eventType, JSON.stringify(row.data)],
    );
    return inserted as WebhookDelivery;
  }

  async find(endpointId: string, id: string): Promise<WebhookDelivery | undefined> {
    const [row] = await this.dataSource.query<WebhookDelivery[]>(
      `SELECT ${COLUMNS} FROM webhook_deliveries WHERE endpoint_id = $1 AND id = $2`,
      [endpointId, id],
    );
    return row;
  }

  list(
    endpointId: string,
    { before, limit }: { before?: string; limit: number },
  ): Promise<WebhookDelivery[]> {
    return this.dataSource.query<WebhookDelivery[]>(
      `SELECT ${COLUMNS} FROM webhook_deliveries
        WHERE endpoint_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [endpointId, before ?? null, limit],
    );
  }

  /**
   * Sends again what is not on its way, with all its attempts: one, or from an id on, oldest first.
   *
   * @returns their events' times
   */
  async sendAgain(
    manager: EntityManager,
    endpointId: string,
    { from, to, limit }: { from: string; to?: string; limit: number },
  ): Promise<Date[]> {
    const [rows] = await manager.query<[{ at: Date }[], number]>(
      `UPDATE webhook_deliveries AS again
          SET status = 'pending', due_at = now(), claimed_until = NULL, attempts = 0
         FROM (SELECT id FROM webhook_deliveries
                WHERE endpoint_id = $1 AND id >= $2 AND id <= $3 AND status <> 'pending'
                ORDER BY id LIMIT $4) chosen
        WHERE endpoint_id = $1 AND again.id = chosen.id AND status <> 'pending'
       RETURNING occurred_at AS at`,
      [endpointId, from, to ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff', limit],
    );
    return rows.map(({ at }) => at);
  }

  /** Deletes up to `limit` deliveries of events before that time, oldest first, and returns the count. */
  async deleteBefore(time: Date, limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM webhook_deliveries WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM webhook_deliveries WHERE occurred_at <= $1
          ORDER BY occurred_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [time, limit],
    );
    return count;
  }
}
