import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

export interface AsymmetricKey {
  /** The JWK's own, else its thumbprint (RFC 7638). */
  kid: string;
  algorithm: 'ES256' | 'RS256';
  publicKey: KeyObject;
  /** Absent for a key that only verifies. */
  privateKey?: KeyObject;
}

const MIN_RSA_BITS = 2048;
const PEM = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;
const JwkSet = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().min(1).optional() })),
});

/** PEM blocks one after another (`\n` may stand for a line end), or a JWK Set. */
export function asymmetricKeys(text: string, context: z.RefinementCtx): AsymmetricKey[] {
  try {
    const keys = (text.trim().startsWith('{') ? ofJwkSet : ofPem)(text);
    if (new Set(keys.map(({ kid }) => kid)).size < keys.length)
      throw new TypeError('no two keys may have the same id');
    return keys;
  } catch (error) {
    // What crypto says may quote the key.
    const message = error instanceof TypeError ? error.message : UNREADABLE;
    context.addIssue({ code: 'custom', message });
    return [];
  }
}

const UNREADABLE = 'must be PEM blocks or a JWK Set of P-256 or RSA keys';

function ofPem(text: string): AsymmetricKey[] {
  const blocks = text.replaceAll(String.raw`\n`, '\n').match(PEM) ?? [];
  if (blocks.length === 0 && text.trim()) throw new TypeError(UNREADABLE);
  return blocks.map((pem) =>
    pem.includes('PRIVATE KEY')
      ? fromPrivate(readable(() => createPrivateKey(pem)))
      : fromPublic(readable(() => createPublicKey(pem))),
  );
}

function ofJwkSet(text: string): AsymmetricKey[] {
  const { keys } = readable(() => JwkSet.parse(JSON.parse(text)));
  return keys.map(({ kid, ...key }) =>
    'd' in key
      ? fromPrivate(
          readable(() => createPrivateKey({ key, format: 'jwk' })),
          kid,
        )
      : fromPublic(
          readable(() => createPublicKey({ key, format: 'jwk' })),
          kid,
        ),
  );
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new TypeError(UNREADABLE);
  }
}

function fromPrivate(privateKey: KeyObject, kid?: string): AsymmetricKey {
  return { ...fromPublic(createPublicKey(privateKey), kid), privateKey };
}

function fromPublic(publicKey: KeyObject, kid = thumbprint(publicKey)): AsymmetricKey {
  return { kid, algorithm: algorithmOf(publicKey), publicKey };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1')
    return 'ES256';
  if (asymmetricKeyType === 'rsa' && Number(asymmetricKeyDetails?.modulusLength) >= MIN_RSA_BITS)
    return 'RS256';
  throw new TypeError(`must be P-256 keys, or RSA keys of at least ${MIN_RSA_BITS} bits`);
}

/** RFC 7638, section 3: the required members in order. */
function thumbprint(publicKey: KeyObject): string {
  const { crv, e, kty, n, x, y } = publicKey.export({ format: 'jwk' });
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
