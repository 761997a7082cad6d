import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import pLimit from 'p-limit';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/**
 * bcrypt over the SHA-256 of the password, in base64 (44 bytes, no NUL), so that bcrypt's limit of
 * 72 bytes cuts nothing off. The work runs in libuv's thread pool, on as many threads at once as
 * there are cores and never on all of the pool's four, which file access shares.
 */
@Injectable()
export class PasswordHasher {
  private readonly limit = pLimit(Math.min(3, availableParallelism()));
  private readonly nobody: Promise<string>;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'BCRYPT_COST'>) {
    this.nobody = this.hash(randomBytes(16).toString('hex'));
    // Whoever awaits it sees a failure; until then it must not end the process.
    this.nobody.catch(() => undefined);
  }

  hash(password: string): Promise<string> {
    return this.limit(() => bcrypt.hash(digest(password), this.config.BCRYPT_COST));
  }

  /**
   * Takes the same time whether or not there is a hash to compare with: an unknown account is
   * compared with the hash of a password nobody has.
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
