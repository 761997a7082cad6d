import type { WebhookEndpoint } from './webhook-endpoint.js';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'skipped'] as const;

/**
 * - `pending`: to be sent, now or later.
 * - `delivered`: answered with 2xx.
 * - `failed`: given up.
 * - `skipped`: the endpoint was disabled.
 */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One event for one endpoint. */
export interface WebhookDelivery {
  endpointId: string;
  /** The event's, and the `webhook-id` of every attempt. */
  id: string;
  eventType: string;
  data: Record<string, unknown>;
  /** null: the endpoint's. */
  url: string | null;
  occurredAt: Date;
  status: DeliveryStatus;
  dueAt: Date;
  /** Finished ones since the event, the last redelivery or replay. */
  attempts: number;
  /** Of the last attempt. */
  attemptedAt: Date | null;
  durationMs: number | null;
  responseStatus: number | null;
  /** Its beginning. */
  responseBody: string | null;
  error: string | null;
}

export interface DeliveryOf {
  endpoint: WebhookEndpoint;
  delivery: WebhookDelivery;
}

export interface Replay {
  count: number;
  /** Where the next replay goes on; null: that was all. */
  nextSince: Date | null;
}

/** The same bytes at each attempt. */
export function payloadOf({ eventType, occurredAt, data }: WebhookDelivery): string {
  return JSON.stringify({ type: eventType, timestamp: occurredAt.toISOString(), data });
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** After the first attempt, the second, …: three days in all, as Standard Webhooks recommends. */
const PAUSES_MS = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE],
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR),
];
const LONGEST_MS = 24 * HOUR;
const JITTER = 0.2;

/**
 * @param attempts finished ones
 * @param retryAfterMs what the endpoint asked for: it may lengthen a pause to a day, not shorten it
 * @param random in [0, 1)
 * @returns milliseconds until the next attempt; undefined after the last
 */
export function pauseAfter(
  attempts: number,
  retryAfterMs = 0,
  random = Math.random(),
): number | undefined {
  const pause = PAUSES_MS[attempts - 1];
  if (pause === undefined) return undefined;
  const jittered = pause * (1 - JITTER + 2 * JITTER * random);
  return Math.round(Math.max(jittered, Math.min(retryAfterMs, LONGEST_MS)));
}
