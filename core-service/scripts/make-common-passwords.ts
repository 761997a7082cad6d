import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { BloomFilter } from '../src/auth/bloom-filter.js';
import { COMMON_PASSWORDS, commonForm } from '../src/auth/common-passwords.js';
import { PASSWORD_LENGTH } from '../src/auth/password-policy.js';

/**
 * Writes assets/common-passwords.bloom from a list of passwords, most common first, one a line. Ours came from
 * the 100,000 most common of Mark Burnett's ten million (public domain), as `build_collection/top100000` of
 * github.com/cry/nbp (MIT) at a603dc5 and as `10-million-password-list-top-100000.txt` of SecLists (MIT) hold it.
 */
const SHA256 = 'c2de3964a8c270a7ea53e3a920c71a2b43a8b0c0c9cba878972c5ea0404feb6b';

const [path] = process.argv.slice(2);
if (!path)
  throw new Error(
    'usage: node --import @swc-node/register/esm-register scripts/make-common-passwords.ts LIST',
  );
const list = readFileSync(path);
if (createHash('sha256').update(list).digest('hex') !== SHA256)
  throw new Error('This is not the list whose licence was checked.');
const passwords = new Set(
  list
    .toString()
    .split(/\r?\n/)
    .filter((password) => [...password].length >= PASSWORD_LENGTH.min)
    .map(commonForm),
);
const filter = BloomFilter.of(passwords);
writeFileSync(COMMON_PASSWORDS, filter.bytes);
console.log(`${passwords.size} passwords in ${filter.bytes.length} bytes`);
