import { DOMAIN_EVENT_TYPES, type DomainEventType } from '../events/domain-event.js';

/** `v1`: HMAC-SHA256 with a shared secret. `v1a`: Ed25519, for which a receiver needs only the public key. */
export const SIGNATURES = ['v1', 'v1a'] as const;
export type SignatureKind = (typeof SIGNATURES)[number];

/** What an endpoint may subscribe to; `*` is every type, those to come included. */
export const EVENT_FILTERS = [...DOMAIN_EVENT_TYPES, '*'] as const;
export type EventFilter = (typeof EVENT_FILTERS)[number];

/** What a transformation's `webhookUrl` is called for, unless its endpoint says otherwise. */
export const ENDINGS: DomainEventType[] = [
  'transformation.completed',
  'transformation.failed',
  'transformation.cancelled',
];
/** Sent on request to try an endpoint; no domain event. */
export const TEST_EVENT = 'webhook.test';

/**
 * - `user`: the owner switched it off.
 * - `gone`: it answered 410.
 * - `failing`: nothing got through for days.
 */
export type DisabledReason = 'user' | 'gone' | 'failing';

export interface WebhookEndpoint {
  id: string;
  userId: string;
  /** null: each transformation names its own (`webhookUrl`), and this endpoint's secret signs. */
  url: string | null;
  eventTypes: EventFilter[];
  description: string;
  signature: SignatureKind;
  /** Of `v1a`. */
  publicKey: string | null;
  disabledAt: Date | null;
  disabledReason: DisabledReason | null;
  /** Of the first failure after the last success. */
  failingSince: Date | null;
  createdAt: Date;
}

export interface WithSecret {
  endpoint: WebhookEndpoint;
  /** Never shown again; absent for `v1a`. */
  secret?: string;
}

/** Sealed. */
export interface SealedSecrets {
  secret: string;
  /** Signs as well until its time. */
  earlierSecret: string | null;
  earlierSecretUntil: Date | null;
}
