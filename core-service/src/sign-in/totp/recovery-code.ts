import { createHash, randomBytes } from 'node:crypto';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 16;
export const RECOVERY_CODES = 10;

/** 80 random bits, as `abcd-efgh-2345-6723`: too many to guess, so a plain hash is enough to store. */
export function newRecoveryCode(): string {
  const letters = Array.from(randomBytes(LENGTH), (byte) => LETTERS[byte % LETTERS.length]);
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
}

export function hashOfRecoveryCode(code: string): Buffer {
  return createHash('sha256').update(code.toLowerCase()).digest();
}
