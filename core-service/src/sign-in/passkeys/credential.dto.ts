import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';

export const base64url = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
    .max(max)
    .meta({ example: 'AQIDBAUGBwgJCgsMDQ4PEA' });
const Transports = z
  .array(z.string().regex(/^[a-z-]{1,32}$/))
  .max(10)
  .meta({ example: ['internal'] });
const MAX_CLIENT_DATA = 4_000;
const MAX_BYTES = 40_000;

/** What every credential has. Not strict: browsers add fields, and `toJSON()` sends all of them. */
const credential = {
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  clientExtensionResults: z.object({}).default({}),
};

export const NewCredential = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(MAX_CLIENT_DATA),
      attestationObject: base64url(MAX_BYTES),
      transports: Transports.optional(),
    }),
  })
  .meta({
    id: 'NewPasskeyCredential',
    description: '`toJSON()` of what `navigator.credentials.create()` gave.',
  });

export const UsedCredential = z
  .object({
    ...credential,
    response: z.object({
      clientDataJSON: base64url(MAX_CLIENT_DATA),
      authenticatorData: base64url(MAX_BYTES),
      signature: base64url(MAX_BYTES),
      userHandle: base64url(100).nullish(),
    }),
  })
  .meta({
    id: 'PasskeyCredential',
    description: '`toJSON()` of what `navigator.credentials.get()` gave.',
  });
export type UsedCredential = z.output<typeof UsedCredential>;

/** Null, which browsers send, is nothing to the library. */
export function credentialOf(credential: UsedCredential): AuthenticationResponseJSON {
  const { authenticatorAttachment, response, ...rest } = credential;
  return {
    ...rest,
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    response: { ...response, userHandle: response.userHandle ?? undefined },
  };
}
