import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Scope } from '../common/principal.js';

export interface ApiKey {
  id: string;
  userId: string;
  name: string;
  /** Its first characters, to tell it from others. */
  prefix: string;
  scopes: Scope[];
  /** Addresses and ranges (CIDR) that it may be used from; empty: any. */
  allowedAddresses: string[];
  /** Tokens that it may spend; null: no limit. */
  budget: Budget<number | null>;
  spent: { today: number; total: number };
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

export interface Budget<T = number | undefined> {
  /** In a day (UTC). */
  perDay: T;
  /** In all. */
  total: T;
}

const MARK = 'stz_live_';
const SECRET_BYTES = 32;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Base62 digits that hold 32 bytes, and those that hold a CRC-32. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const SHAPE = new RegExp(`^${MARK}[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);
const PREFIX_LENGTH = MARK.length + 6;

/**
 * `stz_live_`, 32 random bytes in base62, and the CRC-32 of all that in base62, as GitHub's tokens have it: a
 * secret scanner knows a real one without asking us.
 */
export function makeKey(): string {
  const secret = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`);
  const unchecked = MARK + base62(secret, SECRET_LENGTH);
  return unchecked + checksumOf(unchecked);
}

/** Whether it begins like a key; if not, it is no affair of ours. */
export function looksLikeKey(token: string): boolean {
  return token.startsWith('stz_');
}

/** Whether it has the form and the checksum of a key. */
export function isWellFormed(key: string): boolean {
  return (
    SHAPE.test(key) && checksumOf(key.slice(0, -CHECKSUM_LENGTH)) === key.slice(-CHECKSUM_LENGTH)
  );
}

export function prefixOf(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}

/** SHA-256: enough for 32 random bytes. */
export function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function checksumOf(text: string): string {
  return base62(BigInt(crc32(text)), CHECKSUM_LENGTH);
}

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; rest > 0n; rest /= 62n)
    digits = DIGITS.charAt(Number(rest % 62n)) + digits;
  return digits.padStart(length, '0');
}
