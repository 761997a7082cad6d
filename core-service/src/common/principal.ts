/** What an API key may do. A signed-in user may do everything. */
export const SCOPES = [
  'account:read',
  'styles:read',
  'styles:write',
  'tokens:read',
  'transformations:read',
  'transformations:write',
  'webhooks:read',
  'webhooks:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Somebody who signed in. */
export interface UserPrincipal {
  kind: 'user';
  /** The account that the caller acts for: its tokens, styles and images. */
  userId: string;
  sessionId: string;
  role: 'user' | 'operator';
}

/** A program with an API key. */
export interface ApiKeyPrincipal {
  kind: 'api-key';
  userId: string;
  apiKeyId: string;
  scopes: readonly Scope[];
}

/** Who is calling. The guard puts it on the request; services decide by it what the caller may do. */
export type Principal = UserPrincipal | ApiKeyPrincipal;

/** The key that a caller's tokens are spent by, for its budget and the usage of it. */
export function apiKeyIdOf(principal: Principal): string | undefined {
  return principal.kind === 'api-key' ? principal.apiKeyId : undefined;
}
