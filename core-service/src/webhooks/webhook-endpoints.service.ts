import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DomainError, invalid } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import { SecretBox } from '../common/secret-box.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction } from '../database/transaction.js';
import { Outgoing } from '../outgoing/outgoing.js';
import { newSecret } from './signature.js';
import {
  ENDINGS,
  type SealedSecrets,
  type WebhookEndpoint,
  type WithSecret,
} from './webhook-endpoint.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';
import type { EndpointChangesBody, NewEndpointBody } from './webhooks.dto.js';

/** How long the secret before signs as well. */
const ROTATION_MS = 24 * 3_600_000;

/** What owners do with their webhook endpoints. Somebody else's is not found. */
@Injectable()
export class WebhookEndpointsService {
  constructor(
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly transaction: Transaction,
    private readonly outgoing: Outgoing,
    private readonly secrets: SecretBox,
    @Inject(CONFIG) private readonly config: Pick<Config, 'WEBHOOK_ENDPOINTS_PER_USER'>,
  ) {}

  /** @throws DomainError URL_NOT_ALLOWED | WEBHOOK_QUOTA_EXCEEDED */
  async create({ userId }: Principal, body: NewEndpointBody): Promise<WithSecret> {
    const url = body.url ? this.outgoing.check(body.url) : null;
    const { description, enabled, signature } = body;
    const eventTypes = [...new Set(body.eventTypes ?? (url ? ['*' as const] : ENDINGS))];
    const id = uuid();
    const { bytes, text, publicKey = null } = newSecret(signature);
    const secret = this.secrets.seal(bytes, id);
    const row = { id, userId, url, eventTypes, description, enabled, signature, publicKey, secret };
    const most = this.config.WEBHOOK_ENDPOINTS_PER_USER;
    const endpoint = await this.transaction.run((manager) =>
      this.endpoints.insert(manager, row, most),
    );
    if (endpoint) return { endpoint, secret: text };
    throw new DomainError(
      'WEBHOOK_QUOTA_EXCEEDED',
      `An account has at most ${most} webhook endpoints. Delete one first.`,
    );
  }

  async list(
    { userId }: Principal,
    query: { limit: number; cursor?: string },
  ): Promise<Page<WebhookEndpoint>> {
    const rows = await this.endpoints.list(userId, {
      before: query.cursor,
      limit: query.limit + 1,
    });
    return pageOf(rows, query.limit);
  }

  /** @throws DomainError NOT_FOUND */
  async get({ userId }: Principal, id: string): Promise<WebhookEndpoint & SealedSecrets> {
    const endpoint = await this.endpoints.find(id);
    if (endpoint?.userId !== userId) throw noSuchEndpoint();
    return endpoint;
  }

  /** @throws DomainError NOT_FOUND | URL_NOT_ALLOWED | VALIDATION_FAILED */
  async change(
    principal: Principal,
    id: string,
    { enabled, ...changes }: EndpointChangesBody,
  ): Promise<WebhookEndpoint> {
    const before = await this.get(principal, id);
    if (changes.url !== undefined && before.url === null)
      throw invalid('url', 'is for other endpoints: this one is for the webhookUrl of submissions');
    if (changes.url !== undefined) changes.url = this.outgoing.check(changes.url);
    if (changes.eventTypes) changes.eventTypes = [...new Set(changes.eventTypes)];
    const after = await this.transaction.run(async (manager) => {
      if (enabled === true) await this.endpoints.enable(manager, id);
      if (enabled === false && (await this.endpoints.disable(manager, id, 'user')))
        await this.deliveries.skip(manager, id);
      return this.endpoints.change(manager, id, changes);
    });
    if (!after) throw noSuchEndpoint();
    return after;
  }

  /** @throws DomainError NOT_FOUND */
  async delete(principal: Principal, id: string): Promise<void> {
    await this.get(principal, id);
    await this.transaction.run(async (manager) => {
      await this.endpoints.delete(manager, id);
      await this.deliveries.skip(manager, id);
    });
  }

  /**
   * The secret before signs as well for a day; one before that no longer.
   *
   * @throws DomainError NOT_FOUND
   */
  async rotateSecret(principal: Principal, id: string): Promise<WithSecret & { until: Date }> {
    const { signature } = await this.get(principal, id);
    const { bytes, text, publicKey = null } = newSecret(signature);
    const until = new Date(Date.now() + ROTATION_MS);
    const change = { secret: this.secrets.seal(bytes, id), publicKey, until };
    const endpoint = await this.transaction.run((manager) =>
      this.endpoints.rotate(manager, id, change),
    );
    if (!endpoint) throw noSuchEndpoint();
    return { endpoint, secret: text, until };
  }

  /**
   * Whether a submission may name this `webhookUrl`: what we post there must be signed.
   *
   * @returns the URL in its one form
   * @throws DomainError URL_NOT_ALLOWED | WEBHOOK_SECRET_REQUIRED | WEBHOOK_ENDPOINT_DISABLED
   */
  async assertSigned({ userId }: Principal, url: string): Promise<string> {
    const checked = this.outgoing.check(url);
    const endpoint = await this.endpoints.findWithoutUrl(userId);
    if (!endpoint)
      throw new DomainError(
        'WEBHOOK_SECRET_REQUIRED',
        'There is no secret to sign with: create a webhook endpoint without a url first (POST /v1/webhook-endpoints).',
      );
    assertEnabled(endpoint);
    return checked;
  }
}

/** @throws DomainError WEBHOOK_ENDPOINT_DISABLED */
export function assertEnabled({ disabledAt, id }: WebhookEndpoint): void {
  if (disabledAt)
    throw new DomainError(
      'WEBHOOK_ENDPOINT_DISABLED',
      `The webhook endpoint is disabled. Enable it first: PATCH /v1/webhook-endpoints/${id}.`,
    );
}

function noSuchEndpoint(): DomainError {
  return new DomainError('NOT_FOUND', 'There is no such webhook endpoint.');
}
