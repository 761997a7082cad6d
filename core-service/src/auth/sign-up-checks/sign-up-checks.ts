import { readFileSync } from 'node:fs';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError } from '../../common/domain-error.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { DISPOSABLE_DOMAINS, domainOf, isDomainListed, isRoleAddress } from './email-rules.js';
import { type Challenge, newChallenge, readProof } from './proof-of-work.js';

const CHALLENGE_MS = 10 * 60_000;

/** What an operator may ask of a sign-up against abuse. */
@Injectable()
export class SignUpChecks {
  private readonly blockedDomains: ReadonlySet<string>;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { SIGN_UP_BLOCK_DISPOSABLE: disposable, SIGN_UP_BLOCKED_DOMAINS_FILE: file } = config;
    this.blockedDomains = new Set([
      ...(disposable ? DISPOSABLE_DOMAINS : []),
      ...(file ? domainsIn(file) : []),
    ]);
  }

  challenge(): Challenge {
    const { SIGN_UP_PROOF_OF_WORK_BITS: bits, JWT_SECRET } = this.config;
    return newChallenge(bits, JWT_SECRET, CHALLENGE_MS);
  }

  /** @throws DomainError EMAIL_NOT_ALLOWED | PROOF_OF_WORK_REQUIRED | PROOF_OF_WORK_INVALID */
  async assertAllowed({ email, proof }: { email: string; proof?: string }): Promise<void> {
    this.assertEmailAllowed(email);
    await this.useProof(proof);
  }

  /** @throws DomainError EMAIL_NOT_ALLOWED */
  assertEmailAllowed(email: string): void {
    if (isDomainListed(email, this.blockedDomains))
      throw new DomainError(
        'EMAIL_NOT_ALLOWED',
        'Addresses of this domain cannot sign up. Use another e-mail address.',
      );
    if (this.config.SIGN_UP_BLOCK_ROLE_ADDRESSES && isRoleAddress(email))
      throw new DomainError(
        'EMAIL_NOT_ALLOWED',
        'Addresses of a role cannot sign up. Use the e-mail address of a person.',
      );
  }

  private async useProof(proof: string | undefined): Promise<void> {
    const { SIGN_UP_PROOF_OF_WORK_BITS: bits, JWT_SECRET } = this.config;
    if (bits === 0) return;
    if (proof === undefined)
      throw new DomainError(
        'PROOF_OF_WORK_REQUIRED',
        'Signing up takes a proof of work: solve GET /v1/auth/challenge and send it as `proof`.',
      );
    const proven = readProof(proof, bits, JWT_SECRET);
    // Remembered with the counters, which are deleted when they expire.
    const used = proven
      ? await this.dataSource.query<unknown[]>(
          `INSERT INTO rate_limits (key, points, expire) VALUES ($1, 1, $2)
           ON CONFLICT DO NOTHING RETURNING key`,
          [`proof:${proven.nonce}`, proven.expiresAt.getTime()],
        )
      : [];
    if (used.length === 0)
      throw new DomainError(
        'PROOF_OF_WORK_INVALID',
        'The proof is wrong, expired or used. Get a new challenge and solve it.',
      );
  }
}

/** One a line; `#` begins a comment. */
function domainsIn(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error('SIGN_UP_BLOCKED_DOMAINS_FILE cannot be read', { cause: error });
  }
  return text
    .split('\n')
    .map((line) => (line.split('#', 1)[0] ?? '').trim())
    .filter(Boolean)
    .map((domain) => domainOf(`@${domain}`));
}
