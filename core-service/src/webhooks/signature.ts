import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { SignatureKind } from './webhook-endpoint.js';

const SECRET_BYTES = 32;
/** PKCS #8 around the 32 bytes of an Ed25519 private key (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface NewSecret {
  /** To be kept sealed. */
  bytes: Buffer;
  /** `whsec_…`, shown once; absent for `v1a`, whose private key nobody else needs. */
  text?: string;
  /** `whpk_…` of `v1a`. */
  publicKey?: string;
}

export function newSecret(kind: SignatureKind): NewSecret {
  const bytes = randomBytes(SECRET_BYTES);
  if (kind === 'v1') return { bytes, text: `whsec_${bytes.toString('base64')}` };
  const { x = '' } = createPublicKey(privateKey(bytes)).export({ format: 'jwk' });
  return { bytes, publicKey: `whpk_${Buffer.from(x, 'base64url').toString('base64')}` };
}

/**
 * The headers of one attempt (Standard Webhooks 1.0.0). Several secrets give several signatures, of which a
 * receiver needs one that is good.
 *
 * @param id the same at each attempt
 * @param time of this attempt, in milliseconds
 */
export function signedHeaders(
  kind: SignatureKind,
  secrets: Buffer[],
  { id, body, time }: { id: string; body: string; time: number },
): Record<string, string> {
  const timestamp = Math.floor(time / 1000);
  const content = `${id}.${timestamp}.${body}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets
      .map((secret) => `${kind},${signed(kind, secret, content)}`)
      .join(' '),
  };
}

function signed(kind: SignatureKind, secret: Buffer, content: string): string {
  return kind === 'v1'
    ? createHmac('sha256', secret).update(content).digest('base64')
    : sign(null, Buffer.from(content), privateKey(secret)).toString('base64');
}

function privateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}
