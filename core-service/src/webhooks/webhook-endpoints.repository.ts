import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { violates } from '../database/transaction.js';
import type { DisabledReason, SealedSecrets, WebhookEndpoint } from './webhook-endpoint.js';

const COLUMNS = `id, user_id AS "userId", url, event_types AS "eventTypes", description, signature,
  public_key AS "publicKey", disabled_at AS "disabledAt", disabled_reason AS "disabledReason",
  failing_since AS "failingSince", created_at AS "createdAt"`;
const SECRETS = `secret, earlier_secret AS "earlierSecret", earlier_secret_until AS "earlierSecretUntil"`;

export type NewEndpoint = Pick<
  WebhookEndpoint,
  'id' | 'userId' | 'url' | 'eventTypes' | 'description' | 'signature' | 'publicKey'
> &
  Pick<SealedSecrets, 'secret'> & { enabled: boolean };

export type EndpointChanges = Partial<Pick<WebhookEndpoint, 'url' | 'eventTypes' | 'description'>>;

@Injectable()
export class WebhookEndpointsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Counted under a lock, so that concurrent requests see each other.
   *
   * @returns undefined if the user has `most` already
   * @throws DomainError WEBHOOK_QUOTA_EXCEEDED for a second one without a url
   */
  async insert(
    manager: EntityManager,
    row: NewEndpoint,
    most: number,
  ): Promise<WebhookEndpoint | undefined> {
    await manager.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('webhook_endpoints ' || $1, 0))`,
      [row.userId],
    );
    try {
      const [inserted] = await manager.query<WebhookEndpoint[]>(
        `INSERT INTO webhook_endpoints
           (id, user_id, url, event_types, description, signature, public_key, secret, disabled_at, disabled_reason)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9 THEN NULL ELSE now() END,
                CASE WHEN $9 THEN NULL ELSE 'user' END
          WHERE (SELECT count(*) FROM webhook_endpoints WHERE user_id = $2) < $10
         RETURNING ${COLUMNS}`,
        [
          ...[row.id, row.userId, row.url, row.eventTypes, row.description, row.signature],
          ...[row.publicKey, row.secret, row.enabled, most],
        ],
      );
      return inserted;
    } catch (error) {
      if (!violates(error, 'webhook_endpoints_without_url')) throw error;
      throw new DomainError(
        'WEBHOOK_QUOTA_EXCEEDED',
        'An account has one endpoint without a url: use that one, or send a url.',
      );
    }
  }

  async find(id: string): Promise<(WebhookEndpoint & SealedSecrets) | undefined> {
    const [row] = await this.dataSource.query<(WebhookEndpoint & SealedSecrets)[]>(
      `SELECT ${COLUMNS}, ${SECRETS} FROM webhook_endpoints WHERE id = $1`,
      [id],
    );
    return row;
  }

  async findWithoutUrl(userId: string): Promise<WebhookEndpoint | undefined> {
    const [row] = await this.dataSource.query<WebhookEndpoint[]>(
      `SELECT ${COLUMNS} FROM webhook_endpoints WHERE user_id = $1 AND url IS NULL`,
      [userId],
    );
    return row;
  }

  list(
    userId: string,
    { before, limit }: { before?: string; limit: number },
  ): Promise<WebhookEndpoint[]> {
    return this.dataSource.query<WebhookEndpoint[]>(
      `SELECT ${COLUMNS} FROM webhook_endpoints
        WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [userId, before ?? null, limit],
    );
  }

  change(
    manager: EntityManager,
    id: string,
    { url, eventTypes, description }: EndpointChanges,
  ): Promise<WebhookEndpoint | undefined> {
    return this.update(
      manager,
      id,
      `url = coalesce($2, url), event_types = coalesce($3, event_types), description = coalesce($4, description)`,
      [url ?? null, eventTypes ?? null, description ?? null],
    );
  }

  /** @returns undefined if it was enabled, or does not exist */
  enable(manager: EntityManager, id: string): Promise<WebhookEndpoint | undefined> {
    return this.update(
      manager,
      id,
      `disabled_at = NULL, disabled_reason = NULL, failing_since = NULL`,
      [],
      `disabled_at IS NOT NULL`,
    );
  }

  /** @returns undefined if it was disabled, or does not exist */
  disable(
    manager: EntityManager,
    id: string,
    reason: DisabledReason,
  ): Promise<WebhookEndpoint | undefined> {
    return this.update(
      manager,
      id,
      `disabled_at = now(), disabled_reason = $2`,
      [reason],
      `disabled_at IS NULL`,
    );
  }

  rotate(
    manager: EntityManager,
    id: string,
    { secret, publicKey, until }: { secret: string; publicKey: string | null; until: Date },
  ): Promise<WebhookEndpoint | undefined> {
    return this.update(
      manager,
      id,
      `earlier_secret = secret, earlier_secret_until = $4, secret = $2, public_key = $3`,
      [secret, publicKey, until],
    );
  }

  async noteSuccess(id: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL`,
      [id],
    );
  }

  async noteFailure(id: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE webhook_endpoints SET failing_since = now() WHERE id = $1 AND failing_since IS NULL`,
      [id],
    );
  }

  async delete(manager: EntityManager, id: string): Promise<void> {
    await manager.query(`DELETE FROM webhook_endpoints WHERE id = $1`, [id]);
  }

  private async update(
    manager: EntityManager,
    id: string,
    assignments: string,
    values: unknown[],
    condition = 'true',
  ): Promise<WebhookEndpoint | undefined> {
    const [rows] = await manager.query<[WebhookEndpoint[], number]>(
      `UPDATE webhook_endpoints SET ${assignments} WHERE id = $1 AND ${condition} RETURNING ${COLUMNS}`,
      [id, ...values],
    );
    return rows[0];
  }
}
