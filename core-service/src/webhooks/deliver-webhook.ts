import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { SecretBox } from '../common/secret-box.js';
import { Outgoing, type OutgoingAnswer } from '../outgoing/outgoing.js';
import { EndpointHealth } from './endpoint-health.js';
import { signedHeaders } from './signature.js';
import { pauseAfter, payloadOf, type WebhookDelivery } from './webhook-delivery.js';
import { type Outcome, WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import type { SealedSecrets, WebhookEndpoint } from './webhook-endpoint.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';

/** As Standard Webhooks recommends. */
export const TIMEOUT_MS = 15_000;
/** Of an answer, kept for the log. */
const KEPT_BYTES = 2_048;

/** What one attempt came to. */
type Result = { answer: OutgoingAnswer } | { error: string };

/** One attempt at one delivery; safe to run twice, since the receiver knows it by its `webhook-id`. */
@Injectable()
export class DeliverWebhook {
  constructor(
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly outgoing: Outgoing,
    private readonly secrets: SecretBox,
    private readonly health: EndpointHealth,
  ) {}

  /** @param signal the process stops: the delivery is given back, as if not tried */
  async attempt(delivery: WebhookDelivery, signal: AbortSignal): Promise<void> {
    const endpoint = await this.endpoints.find(delivery.endpointId);
    const url = delivery.url ?? endpoint?.url;
    if (!endpoint || endpoint.disabledAt || !url)
      return this.deliveries.finish(delivery, { status: 'skipped', durationMs: 0 });
    const start = performance.now();
    const result = await this.post(url, endpoint, delivery, signal);
    if (!result) return this.deliveries.giveBack(delivery);
    const durationMs = Math.round(performance.now() - start);
    const outcome = { ...outcomeOf(result, delivery.attempts + 1), durationMs };
    await this.deliveries.finish(delivery, outcome);
    if (outcome.status === 'delivered') await this.health.succeeded(endpoint);
    else await this.health.failed(endpoint, { gone: outcome.responseStatus === 410 });
  }

  private async post(
    url: string,
    endpoint: WebhookEndpoint & SealedSecrets,
    delivery: WebhookDelivery,
    signal: AbortSignal,
  ): Promise<Result | undefined> {
    const body = payloadOf(delivery);
    const time = Date.now();
    const signature = signedHeaders(endpoint.signature, this.secretsOf(endpoint, time), {
      id: delivery.id,
      body,
      time,
    });
    try {
      const answer = await this.outgoing.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signature },
        body,
        timeoutMs: TIMEOUT_MS,
        maxBytes: KEPT_BYTES,
        beyond: 'cut',
        signal,
      });
      return { answer };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof DomainError) return { error: error.message };
      throw error;
    }
  }

  private secretsOf(
    { id, secret, earlierSecret, earlierSecretUntil }: WebhookEndpoint & SealedSecrets,
    time: number,
  ): Buffer[] {
    const isGood = earlierSecretUntil && earlierSecretUntil.getTime() > time;
    const sealed = [secret, ...(earlierSecret && isGood ? [earlierSecret] : [])];
    return sealed.map((one) => this.secrets.open(one, id));
  }
}

function outcomeOf(result: Result, attempts: number): Omit<Outcome, 'durationMs'> {
  if ('error' in result) return { ...next(attempts), error: result.error };
  const { status, headers, body } = result.answer;
  const response = {
    responseStatus: status,
    // PostgreSQL keeps no null characters.
    responseBody: body.toString().replaceAll('\0', '\ufffd'),
  };
  if (status >= 200 && status < 300) return { status: 'delivered', ...response };
  if (status === 410)
    return { status: 'failed', ...response, error: 'The endpoint answered 410 and was disabled.' };
  const asked = status === 429 || status === 503 ? retryAfterMs(headers['retry-after']) : 0;
  const error =
    status >= 300 && status < 400
      ? `The endpoint answered ${status}: redirects are not followed.`
      : `The endpoint answered ${status}.`;
  return { ...next(attempts, asked), ...response, error };
}

function next(attempts: number, retryAfter = 0): { status: Outcome['status']; pauseMs?: number } {
  const pauseMs = pauseAfter(attempts, retryAfter);
  return pauseMs === undefined ? { status: 'failed' } : { status: 'pending', pauseMs };
}

/** Seconds or a date (RFC 9110, section 10.2.3); 0 if it is neither. */
function retryAfterMs(header: string | string[] | undefined): number {
  const text = String(header ?? '');
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
