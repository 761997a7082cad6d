import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import { Notifications } from '../database/notifications.js';
import { afterCommit, Transaction } from '../database/transaction.js';
import { WEBHOOKS_DUE } from '../events/outbox.js';
import type { DeliveryOf, Replay } from './webhook-delivery.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { TEST_EVENT } from './webhook-endpoint.js';
import { assertEnabled, WebhookEndpointsService } from './webhook-endpoints.service.js';

/** Of one replay. */
const MOST_REPLAYED = 10_000;

/** What owners do with what was or will be sent to their endpoints. */
@Injectable()
export class WebhookDeliveriesService {
  constructor(
    private readonly endpoints: WebhookEndpointsService,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly transaction: Transaction,
    private readonly notifications: Notifications,
  ) {}

  /** @throws DomainError NOT_FOUND */
  async list(
    principal: Principal,
    endpointId: string,
    query: { limit: number; cursor?: string },
  ): Promise<Page<DeliveryOf & { id: string }>> {
    const endpoint = await this.endpoints.get(principal, endpointId);
    const { items, nextCursor } = pageOf(
      await this.deliveries.list(endpointId, { before: query.cursor, limit: query.limit + 1 }),
      query.limit,
    );
    return {
      items: items.map((delivery) => ({ id: delivery.id, endpoint, delivery })),
      nextCursor,
    };
  }

  /** @throws DomainError NOT_FOUND */
  async get(principal: Principal, endpointId: string, id: string): Promise<DeliveryOf> {
    const endpoint = await this.endpoints.get(principal, endpointId);
    const delivery = await this.deliveries.find(endpointId, id);
    if (!delivery) throw new DomainError('NOT_FOUND', 'There is no such delivery.');
    return { endpoint, delivery };
  }

  /**
   * Once more with all attempts; one that is on its way stays as it is.
   *
   * @throws DomainError NOT_FOUND | WEBHOOK_ENDPOINT_DISABLED
   */
  async redeliver(principal: Principal, endpointId: string, id: string): Promise<DeliveryOf> {
    const { endpoint } = await this.get(principal, endpointId, id);
    assertEnabled(endpoint);
    await this.sending((manager) =>
      this.deliveries.sendAgain(manager, endpointId, { from: id, to: id, limit: 1 }),
    );
    return this.get(principal, endpointId, id);
  }

  /**
   * Everything since a time that this endpoint was sent, or missed while it was disabled.
   *
   * @throws DomainError NOT_FOUND | WEBHOOK_ENDPOINT_DISABLED
   */
  async replay(principal: Principal, endpointId: string, since = new Date(0)): Promise<Replay> {
    assertEnabled(await this.endpoints.get(principal, endpointId));
    const from = firstIdOf(since);
    const times = await this.sending((manager) =>
      this.deliveries.sendAgain(manager, endpointId, { from, limit: MOST_REPLAYED }),
    );
    const latest = Math.max(...times.map((time) => time.getTime()));
    return {
      count: times.length,
      nextSince: times.length < MOST_REPLAYED ? null : new Date(latest),
    };
  }

  /** @throws DomainError NOT_FOUND | WEBHOOK_ENDPOINT_DISABLED | VALIDATION_FAILED */
  async test(principal: Principal, endpointId: string): Promise<DeliveryOf> {
    const endpoint = await this.endpoints.get(principal, endpointId);
    assertEnabled(endpoint);
    if (endpoint.url === null)
      throw new DomainError(
        'WEBHOOK_URL_MISSING',
        'This endpoint has no url of its own, so there is nowhere to send a test.',
      );
    const row = { endpointId, id: uuid(), eventType: TEST_EVENT, data: { endpointId } };
    const delivery = await this.sending((manager) => this.deliveries.insert(manager, row));
    return { endpoint, delivery };
  }

  private sending<T>(change: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.transaction.run(async (manager) => {
      const result = await change(manager);
      afterCommit(manager, () => this.notifications.send(WEBHOOKS_DUE));
      return result;
    });
  }
}

/** The lowest UUIDv7 of that time, which ids of later events are above (RFC 9562, section 5.7). */
function firstIdOf(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}
