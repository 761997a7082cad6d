import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Challenge {
  challenge: string;
  bits: number;
  expiresAt: Date;
}

/** A proof whose work was done; whether it was used before is for the caller to know. */
export interface ProvenChallenge {
  /** Unique. */
  nonce: string;
  expiresAt: Date;
}

const NONCE_BYTES = 16;
/** `bits.expiry.nonce.signature`, and in a proof `:counter`. */
const PROOF = /^((\d{1,2})\.(\d{13,14})\.([\w-]{22}))\.([\w-]{43}):([0-9A-Za-z]{1,32})$/;

/**
 * Hashcash (Back 2002) with a challenge of ours: a proof is the challenge, `:` and a text of the client's choice
 * that make the SHA-256 of the whole begin with `bits` zero bits. Challenges are signed, not stored.
 */
export function newChallenge(bits: number, secret: string, lifetimeMs: number): Challenge {
  const expiresAt = new Date(Date.now() + lifetimeMs);
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  const text = `${bits}.${expiresAt.getTime()}.${nonce}`;
  return {
    challenge: `${text}.${signatureOf(text, secret).toString('base64url')}`,
    bits,
    expiresAt,
  };
}

/** @returns undefined if it is no proof of at least `bits`, is not of a challenge of ours, or has expired */
export function readProof(
  proof: string,
  bits: number,
  secret: string,
): ProvenChallenge | undefined {
  const [, text = '', claimed, expiry, nonce = '', signature = ''] = PROOF.exec(proof) ?? [];
  if (!text || Number(claimed) < bits || Number(expiry) <= Date.now()) return undefined;
  if (!timingSafeEqual(Buffer.from(signature, 'base64url'), signatureOf(text, secret)))
    return undefined;
  if (zeroBits(createHash('sha256').update(proof).digest()) < bits) return undefined;
  return { nonce, expiresAt: new Date(Number(expiry)) };
}

export function zeroBits(hash: Buffer): number {
  const first = hash.findIndex((byte) => byte !== 0);
  return first < 0 ? hash.length * 8 : first * 8 + Math.clz32(hash[first] ?? 0) - 24;
}

function signatureOf(text: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`sign-up challenge ${text}`).digest();
}
