import type { Scope } from '../../../src/common/principal.js';
import type { ResourceKind } from './resources.js';

/** Who calls. The keys have every scope unless they say otherwise. */
export const PRINCIPALS = [
  'nobody',
  'other',
  'operator',
  'key without the scope',
  "other's key",
  "owner's key",
  'owner',
] as const;
export type PrincipalName = (typeof PRINCIPALS)[number];

/** What the call comes to: it goes through, or is refused with this code. */
export type Outcome =
  | 'goes through'
  | 'UNAUTHENTICATED'
  | 'INSUFFICIENT_SCOPE'
  | 'OPERATOR_ONLY'
  | 'NOT_FOUND'
  | 'STYLE_NOT_FOUND';

export interface Access {
  outcomes: Record<PrincipalName, Outcome>;
  /** What the document says: no security, a signed-in user, or a scope. */
  scope?: Scope | 'no key';
  /** A token is optional. */
  optional?: boolean;
  /** What the ids in the path are of; made anew for every call that may change it. */
  resource?: ResourceKind;
  /** A valid body, where an invalid one would hide who may call. */
  body?: object;
  /** Of a call that goes through, where it is not the usual one: 200 for GET, any but a refusal for others. */
  status?: number;
}

/** What a line may say beside who may call. */
type Particulars = Pick<Access, 'body' | 'status' | 'resource'>;

const everyone = (outcome: Outcome) =>
  Object.fromEntries(PRINCIPALS.map((name) => [name, outcome])) as Access['outcomes'];
const KEYS = ['key without the scope', "other's key", "owner's key"] as const;
/** Keys as a route with this scope takes them. */
function refusedKeys(scope: Scope | 'no key'): Partial<Access['outcomes']> {
  const refused = scope === 'no key' ? KEYS : (['key without the scope'] as const);
  return Object.fromEntries(refused.map((name) => [name, 'INSUFFICIENT_SCOPE']));
}

/** Public. */
const anyone = (particulars: Particulars = {}): Access => ({
  outcomes: everyone('goes through'),
  ...particulars,
});

/** Everybody who says who they are, for their own account. */
const caller = (scope: Scope | 'no key', particulars: Particulars = {}): Access => ({
  outcomes: { ...everyone('goes through'), nobody: 'UNAUTHENTICATED', ...refusedKeys(scope) },
  scope,
  ...particulars,
});

/** The owner of what the path names; for others it is not there. */
const owner = (
  scope: Scope | 'no key',
  resource: ResourceKind,
  { missing = 'NOT_FOUND', ...particulars }: { missing?: Outcome } & Particulars = {},
): Access => ({
  outcomes: {
    ...everyone(missing),
    nobody: 'UNAUTHENTICATED',
    owner: 'goes through',
    "owner's key": 'goes through',
    ...refusedKeys(scope),
  },
  scope,
  resource,
  ...particulars,
});

const operator = (particulars: Particulars = {}): Access => ({
  outcomes: {
    ...everyone('OPERATOR_ONLY'),
    nobody: 'UNAUTHENTICATED',
    operator: 'goes through',
    ...refusedKeys('no key'),
  },
  scope: 'no key',
  ...particulars,
});

/** A token is optional, but a key needs the scope. */
const optional = (scope: Scope): Access => ({
  outcomes: { ...everyone('goes through'), ...refusedKeys(scope) },
  scope,
  optional: true,
});

/** The same for what only its owner sees: without a token, too, it is not there. */
const optionalOwner = (scope: Scope, resource: ResourceKind, missing: Outcome): Access => {
  const { outcomes } = owner(scope, resource, { missing });
  return { outcomes: { ...outcomes, nobody: missing }, scope, optional: true, resource };
};

const STYLE = { missing: 'STYLE_NOT_FOUND' } as const;
const ofUser = (body?: object) => operator({ resource: 'user', body });
const reason = 'for the test';

/** One line for each operation of the API document: who may call it. */
export const ACCESS: Record<string, Access> = {
  'get /health/live': anyone(),
  'get /health/ready': anyone(),
  'get /v1/pricing': anyone(),
  'get /.well-known/jwks.json': anyone(),
  'get /v1/auth/challenge': anyone(),
  'post /v1/auth/register': anyone(),
  'post /v1/auth/login': anyone(),
  'post /v1/auth/second-factor': anyone(),
  'get /v1/auth/providers': anyone(),
  'post /v1/auth/oidc/{provider}/start': anyone({ resource: 'provider', status: 404 }),
  'post /v1/auth/oidc/{provider}/callback': anyone({ resource: 'provider' }),
  'post /v1/auth/passkey/options': anyone(),
  'post /v1/auth/passkey/verify': anyone(),
  'post /v1/auth/restore': anyone(),
  'post /v1/auth/refresh': anyone(),
  'post /v1/auth/logout': anyone(),
  'post /v1/auth/verify-email': anyone(),
  'post /v1/auth/verify-email/resend': anyone(),
  'post /v1/auth/password/forgot': anyone(),
  'post /v1/auth/password/reset': anyone(),
  'post /v1/auth/email/confirm': anyone(),

  'get /v1/me': caller('account:read'),
  'delete /v1/me': caller('no key', { body: {}, status: 400 }),
  'get /v1/me/export/{id}': owner('no key', 'export'),
  'get /v1/me/export/{id}/file': owner('no key', 'export', { status: 409 }),
  'put /v1/me/password': caller('no key'),
  'put /v1/me/email': caller('no key'),
  'get /v1/me/totp': caller('no key'),
  'post /v1/me/totp': caller('no key'),
  'delete /v1/me/totp': caller('no key'),
  'post /v1/me/totp/confirm': caller('no key'),
  'post /v1/me/recovery-codes': caller('no key'),
  'get /v1/me/identities': caller('no key'),
  'post /v1/me/identities/{provider}/start': caller('no key', {
    resource: 'provider',
    status: 404,
  }),
  'post /v1/me/identities/{provider}': caller('no key', { resource: 'provider' }),
  'delete /v1/me/identities/{provider}': caller('no key', { resource: 'provider', status: 404 }),
  'post /v1/me/passkey-options': caller('no key'),
  'get /v1/me/passkeys': caller('no key'),
  'post /v1/me/passkeys': caller('no key'),
  'delete /v1/me/passkeys/{id}': owner('no key', 'passkey'),
  'get /v1/sessions': caller('no key'),
  'delete /v1/sessions/{id}': owner('no key', 'session'),
  'get /v1/tokens/balance': caller('tokens:read'),
  'get /v1/tokens/entries': caller('tokens:read'),

  'post /v1/tokens/checkout': caller('no key', { body: { packId: 'none' }, status: 503 }),
  'get /v1/tokens/purchases': caller('tokens:read'),

  'get /v1/styles': optional('styles:read'),
  'post /v1/styles': caller('styles:write'),
  'get /v1/styles/{id}/preview': optionalOwner('styles:read', 'style', 'STYLE_NOT_FOUND'),
  'delete /v1/styles/{id}': owner('styles:write', 'style', STYLE),

  'post /v1/transformations': caller('transformations:write'),
  'post /v1/transformations/quote': caller('transformations:write'),
  'get /v1/transformations': caller('transformations:read'),
  'get /v1/transformations/{id}': owner('transformations:read', 'transformation'),
  'get /v1/transformations/{id}/result': owner('transformations:read', 'transformation'),
  'get /v1/transformations/{id}/original': owner('transformations:read', 'transformation'),
  'get /v1/transformations/{id}/events': owner('transformations:read', 'transformation'),
  'post /v1/transformations/{id}/cancel': owner('transformations:write', 'transformation'),
  'delete /v1/transformations/{id}': owner('transformations:write', 'transformation'),

  'post /v1/api-keys': caller('no key'),
  'get /v1/api-keys': caller('no key'),
  'delete /v1/api-keys/{id}': owner('no key', 'API key'),

  'post /v1/webhook-endpoints': caller('webhooks:write'),
  'get /v1/webhook-endpoints': caller('webhooks:read'),
  'get /v1/webhook-endpoints/{id}': owner('webhooks:read', 'webhook endpoint'),
  'patch /v1/webhook-endpoints/{id}': owner('webhooks:write', 'webhook endpoint', { body: {} }),
  'delete /v1/webhook-endpoints/{id}': owner('webhooks:write', 'webhook endpoint'),
  'post /v1/webhook-endpoints/{id}/rotate-secret': owner('webhooks:write', 'webhook endpoint'),
  'post /v1/webhook-endpoints/{id}/test': owner('webhooks:write', 'webhook endpoint'),
  'post /v1/webhook-endpoints/{id}/replay': owner('webhooks:write', 'webhook endpoint', {
    body: { since: '2026-11-01T00:00:00.000Z' },
  }),
  'get /v1/webhook-endpoints/{id}/deliveries': owner('webhooks:read', 'webhook endpoint'),
  'get /v1/webhook-endpoints/{id}/deliveries/{deliveryId}': owner('webhooks:read', 'delivery'),
  'post /v1/webhook-endpoints/{id}/deliveries/{deliveryId}/redeliver': owner(
    'webhooks:write',
    'delivery',
  ),

  'get /v1/admin/users': operator(),
  'get /v1/admin/users/{id}': ofUser(),
  'post /v1/admin/users/{id}/grant': ofUser({ amount: 1, reason }),
  'put /v1/admin/users/{id}/role': ofUser({ role: 'user', reason }),
  'post /v1/admin/users/{id}/suspend': ofUser({ reason }),
  'post /v1/admin/users/{id}/unsuspend': ofUser({ reason }),
  'get /v1/admin/audit': operator(),
  'get /v1/admin/trial-balance': operator(),

  // Last, since its files come after the answer.
  'post /v1/me/export': caller('no key'),
};
