import { z } from 'zod';
import { pageSchema } from '../common/pagination.js';
import { Id } from '../common/uuid-param.js';
import { MAX_URL_LENGTH } from '../outgoing/outgoing-rules.js';
import { DELIVERY_STATUSES, type DeliveryOf, payloadOf, type Replay } from './webhook-delivery.js';
import {
  EVENT_FILTERS,
  SIGNATURES,
  type WebhookEndpoint,
  type WithSecret,
} from './webhook-endpoint.js';

export const WebhookUrl = z.url('must be a URL').max(MAX_URL_LENGTH).meta({
  description: 'An https URL on a public address, without a user or password.',
  example: 'https://example.com/hooks/stylizer',
});

const EventTypes = z
  .array(z.enum(EVENT_FILTERS))
  .min(1)
  .max(EVENT_FILTERS.length)
  .meta({
    description: '`*` is every type, those to come included.',
    example: ['transformation.completed', 'transformation.failed'],
  });
const Description = z
  .string()
  .regex(/^\P{Cc}{0,200}$/u, 'must have at most 200 characters, none of them a control character')
  .meta({
    maxLength: 200,
    pattern: String.raw`^[^\x00-\x1f\x7f-\x9f]*$`,
    example: 'Shop, production',
  });
const enabled = z.boolean().meta({ example: true });
const time = z.date().meta({ example: '2026-11-29T08:00:00.000Z' });

export const NewEndpointBody = z
  .strictObject({
    url: WebhookUrl.optional().meta({
      description:
        'Without it, the endpoint signs what we post to the `webhookUrl` of submissions; one for each account.',
    }),
    eventTypes: EventTypes.optional().meta({
      description:
        'Default: every type; without a `url`, the endings of transformations. `*` includes types to come.',
    }),
    description: Description.default(''),
    enabled: enabled.default(true),
    signature: z.enum(SIGNATURES).default('v1').meta({
      description:
        '`v1`: HMAC-SHA256 with a shared secret. `v1a`: Ed25519, verified with the public key.',
    }),
  })
  .meta({ id: 'NewWebhookEndpoint' });
export type NewEndpointBody = z.output<typeof NewEndpointBody>;

export const EndpointChangesBody = z
  .strictObject({
    url: WebhookUrl.optional(),
    eventTypes: EventTypes.optional(),
    description: Description.optional(),
    enabled: enabled.optional(),
  })
  .meta({ id: 'WebhookEndpointChanges' });
export type EndpointChangesBody = z.output<typeof EndpointChangesBody>;

const endpoint = {
  id: Id,
  url: z.string().nullable().meta({
    description: 'null: each submission names its own.',
    example: 'https://example.com/hooks/stylizer',
  }),
  eventTypes: EventTypes,
  description: Description,
  enabled,
  disabledReason: z.enum(['user', 'gone', 'failing']).nullable().meta({
    description:
      '`user`: by its owner. `gone`: it answered 410. `failing`: nothing got through in five days.',
    example: null,
  }),
  signature: z.enum(SIGNATURES).meta({ example: 'v1' }),
  publicKey: z.string().nullable().meta({ description: '`whpk_…` of `v1a`.', example: null }),
  createdAt: time,
};
const secret = z.string().optional().meta({
  description: 'Shown this once; absent for `v1a`.',
  example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
});

export const EndpointBody = z.object(endpoint).meta({ id: 'WebhookEndpoint' });
export type EndpointBody = z.output<typeof EndpointBody>;
export const EndpointPageBody = pageSchema(EndpointBody).meta({ id: 'WebhookEndpointPage' });
export type EndpointPageBody = z.output<typeof EndpointPageBody>;
export const CreatedEndpointBody = z
  .object({ ...endpoint, secret })
  .meta({ id: 'CreatedWebhookEndpoint' });
export type CreatedEndpointBody = z.output<typeof CreatedEndpointBody>;
export const RotatedSecretBody = z
  .object({
    secret,
    publicKey: endpoint.publicKey,
    earlierSecretUntil: time.meta({ description: 'Until then the secret before signs as well.' }),
  })
  .meta({ id: 'RotatedWebhookSecret' });
export type RotatedSecretBody = z.output<typeof RotatedSecretBody>;

export const DeliveryBody = z
  .object({
    id: Id.meta({ description: 'Of the event; the `webhook-id` of each attempt.' }),
    eventType: z.string().meta({ example: 'transformation.completed' }),
    status: z.enum(DELIVERY_STATUSES).meta({
      description:
        '`pending`: to be sent, now or at `nextAttemptAt`. `skipped`: the endpoint was disabled.',
      example: 'delivered',
    }),
    attempts: z.int().nonnegative().meta({ example: 1 }),
    occurredAt: time,
    attemptedAt: time.nullable().meta({ description: 'Of the last attempt.' }),
    nextAttemptAt: time.nullable(),
    durationMs: z.int().nonnegative().nullable().meta({ example: 83 }),
    request: z.object({
      url: z.string().nullable().meta({ example: 'https://example.com/hooks/stylizer' }),
      body: z.string().meta({ example: '{"type":"transformation.completed", …}' }),
    }),
    response: z
      .object({
        status: z.int().meta({ example: 204 }),
        body: z.string().meta({ description: 'Its first 2 kB.', example: '' }),
      })
      .nullable()
      .meta({ description: 'Of the last attempt.' }),
    error: z.string().nullable().meta({ example: null }),
  })
  .meta({ id: 'WebhookDelivery' });
export type DeliveryBody = z.output<typeof DeliveryBody>;
export const DeliveryPageBody = pageSchema(DeliveryBody).meta({ id: 'WebhookDeliveryPage' });
export type DeliveryPageBody = z.output<typeof DeliveryPageBody>;

export const ReplayBody = z
  .strictObject({
    since: z.iso
      .datetime({ offset: true, error: 'must be a time such as 2026-11-29T08:00:00Z' })
      .optional()
      .meta({
        description: 'Default: all that is kept (30 days).',
        example: '2026-11-29T08:00:00Z',
      }),
  })
  .meta({ id: 'WebhookReplay' });
export type ReplayBody = z.output<typeof ReplayBody>;
export const ReplayedBody = z
  .object({
    count: z.int().nonnegative().meta({ description: 'Events that are sent again.', example: 12 }),
    nextSince: time.nullable().meta({
      description: 'Not null: there are more. Replay again since then.',
      example: null,
    }),
  })
  .meta({ id: 'WebhookReplayed' });
export type ReplayedBody = Replay;

export function endpointBody(from: WebhookEndpoint): EndpointBody {
  const { id, url, eventTypes, description, signature, publicKey, createdAt } = from;
  const { disabledAt, disabledReason } = from;
  const enabled = disabledAt === null;
  return {
    ...{ id, url, eventTypes, description, enabled, disabledReason },
    ...{ signature, publicKey, createdAt },
  };
}

export function createdEndpointBody({ endpoint, secret }: WithSecret): CreatedEndpointBody {
  return { ...endpointBody(endpoint), ...(secret && { secret }) };
}

export function deliveryBody({ endpoint, delivery }: DeliveryOf): DeliveryBody {
  const { id, eventType, status, attempts, occurredAt, attemptedAt, dueAt } = delivery;
  const { durationMs, error, responseStatus, responseBody } = delivery;
  return {
    ...{ id, eventType, status, attempts, occurredAt, attemptedAt },
    nextAttemptAt: status === 'pending' ? dueAt : null,
    durationMs,
    request: { url: delivery.url ?? endpoint.url, body: payloadOf(delivery) },
    response: responseStatus === null ? null : { status: responseStatus, body: responseBody ?? '' },
    error,
  };
}
