import { readFileSync } from 'node:fs';
import { BloomFilter } from './bloom-filter.js';

/** Made by scripts/make-common-passwords.ts, which says of what. */
export const COMMON_PASSWORDS = new URL('../../assets/common-passwords.bloom', import.meta.url);

let filter: BloomFilter | undefined;

/** Whether it is one of the 100,000 most common passwords; says so of one other in 17 million. */
export function isCommon(password: string): boolean {
  filter ??= new BloomFilter(readFileSync(COMMON_PASSWORDS));
  return filter.has(commonForm(password));
}

/** What is compared: "Password123" is as common as "password123". */
export function commonForm(password: string): string {
  return password.normalize('NFKC').toLowerCase();
}
