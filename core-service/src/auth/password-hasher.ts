import { argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import pLimit from 'p-limit';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

const argon2Async = promisify(argon2);

/** OWASP Password Storage Cheat Sheet, Argon2id: memory in KiB, passes, lanes; lengths in bytes. */
const ARGON2 = { memory: 19_456, passes: 2, parallelism: 1, salt: 16, tag: 32 } as const;
const ARGON2_FORM =
  /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const ARGON2_NOW = new RegExp(
  `^\\$argon2id\\$v=19\\$m=${ARGON2.memory},t=${ARGON2.passes},p=${ARGON2.parallelism}\\$`,
);

/**
 * bcrypt over the SHA-256 of the password, in base64 (44 bytes, no NUL), so that bcrypt's limit of
 * 72 bytes cuts nothing off; or Argon2id. Runs in libuv's thread pool, on at most as many threads as there
 * are cores, and never on all four threads of the pool, which file access shares.
 */
@Injectable()
export class PasswordHasher {
  private readonly limit = pLimit(Math.min(3, availableParallelism()));
  private readonly nobody: Promise<string>;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'BCRYPT_COST' | 'PASSWORD_HASH'>,
  ) {
    this.nobody = this.hash(randomBytes(16).toString('hex'));
    // A failure surfaces where it is awaited; until then it must not end the process.
    this.nobody.catch(() => undefined);
  }

  hash(password: string): Promise<string> {
    return this.limit(() =>
      this.config.PASSWORD_HASH === 'argon2id'
        ? argon2Hash(password)
        : bcrypt.hash(digest(password), this.config.BCRYPT_COST),
    );
  }

  /**
   * Takes the same time whether or not there is a hash: for an unknown account it compares with the
   * hash of a random password.
   */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const known = hash ?? (await this.nobody);
    const equal = await this.limit(() =>
      known.startsWith('$argon2')
        ? argon2Matches(password, known)
        : bcrypt.compare(digest(password), known),
    );
    return hash !== undefined && equal;
  }

  /** Whether a new hash would be of another kind or cost. */
  isOutdated(hash: string): boolean {
    if (this.config.PASSWORD_HASH === 'argon2id') return !ARGON2_NOW.test(hash);
    return !hash.startsWith('$2') || bcrypt.getRounds(hash) !== this.config.BCRYPT_COST;
  }
}

async function argon2Hash(password: string): Promise<string> {
  const salt = randomBytes(ARGON2.salt);
  const tag = await argon2Tag(password, salt, ARGON2, ARGON2.tag);
  const { memory, passes, parallelism } = ARGON2;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

async function argon2Matches(password: string, hash: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] = ARGON2_FORM.exec(hash) ?? [];
  const cost = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  const expected = Buffer.from(tag, 'base64');
  const actual = await argon2Tag(password, Buffer.from(salt, 'base64'), cost, expected.length);
  return timingSafeEqual(actual, expected);
}

function argon2Tag(
  password: string,
  nonce: Buffer,
  { memory, passes, parallelism }: { memory: number; passes: number; parallelism: number },
  tagLength: number,
): Promise<Buffer> {
  const message = normalised(password);
  return argon2Async('argon2id', { message, nonce, memory, passes, parallelism, tagLength });
}

/** PHC's string format leaves the padding out. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function digest(password: string): string {
  return createHash('sha256').update(normalised(password)).digest('base64');
}

function normalised(password: string): string {
  return password.normalize('NFKC');
}
