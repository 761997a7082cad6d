import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import pLimit from 'p-limit';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/**
 * bcrypt over the SHA-256 of the password, in base64 (44 bytes, no NUL), so that bcrypt's limit of
 * 72 bytes cuts nothing off. Runs in libuv's thread pool, on at most as many threads as there are cores, and
 * never on all four threads of the pool, which file access shares.
 */
@Injectable()
export class PasswordHasher {
  private readonly limit = pLimit(Math.min(3, availableParallelism()));
  private readonly nobody: Promise<string>;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'BCRYPT_COST'>) {
    this.nobody = this.hash(randomBytes(16).toString('hex'));
    // A failure surfaces where it is awaited; until then it must not end the process.
    this.nobody.catch(() => undefined);
  }

  hash(password: string): Promise<string> {
    return this.limit(() => bcrypt.hash(digest(password), this.config.BCRYPT_COST));
  }

  /**
   * Takes the same time whether or not there is a hash: for an unknown account it compares with the
   * hash of a random password.
   */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const known = hash ?? (await this.nobody);
    const equal = await this.limit(() => bcrypt.compare(digest(password), known));
    return hash !== undefined && equal;
  }
}

function digest(password: string): string {
  return createHash('sha256').update(password.normalize('NFKC')).digest('base64');
}
