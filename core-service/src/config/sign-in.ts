import { z } from 'zod';

/** Ids become part of paths and of stored identities: an id must not change its meaning. */
const OidcProvider = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,32}$/),
  name: z.string().min(1).max(64),
  issuer: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  scopes: z
    .string()
    .regex(/(^| )openid( |$)/)
    .default('openid email profile'),
});
export type OidcProvider = z.output<typeof OidcProvider>;

/** Of OIDC_PROVIDERS. No message holds a part of the value. */
export function oidcProviders(text: string, context: z.RefinementCtx): OidcProvider[] {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return [];
  };
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return refuse('must be JSON: [{"id", "name", "issuer", "clientId", "clientSecret"}]');
  }
  const parsed = z.array(OidcProvider).max(20).safeParse(list);
  if (!parsed.success) {
    const bad = parsed.error.issues.map(({ path }) => path.map(placeOf).join('.') || 'list');
    return refuse(
      `has a bad or missing ${bad.join(', ')}: each needs id (a-z, 0-9, -), name, issuer, clientId, clientSecret`,
    );
  }
  if (new Set(parsed.data.map(({ id }) => id)).size < parsed.data.length)
    return refuse('has an id twice');
  return parsed.data;
}

/** An unknown key is part of the value, and is not in the path. */
function placeOf(part: PropertyKey): string {
  return typeof part === 'number' ? `[${part}]` : String(part);
}

/** Of comma-separated URLs. */
export function urls(text: string, context: z.RefinementCtx): string[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  if (!entries.every((entry) => /^https?:\/\/\S+$/.test(entry) && URL.canParse(entry)))
    context.addIssue({
      code: 'custom',
      message: 'must be http:// or https:// URLs, comma-separated',
    });
  return entries;
}
