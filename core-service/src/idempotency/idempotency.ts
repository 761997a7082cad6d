import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { DomainError, invalid } from '../common/domain-error.js';
import { type Binding, IdempotencyKeysRepository } from './idempotency-keys.repository.js';

const MAX_LENGTH = 255;
const KEPT_MS = 24 * 3_600_000;
/** Longer than the longest wait for an answer (60 s) and what goes before it. */
const CLAIM_MS = 90_000;

/** The first answer to a key, as it is given again. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  /** Absent: the JPG of the transformation. */
  body?: unknown;
}

export type KeyState =
  /** This request is the first and works on it. */
  | { kind: 'claimed'; claim: string }
  /** It was answered: give the same answer. */
  | { kind: 'answered'; boundTo: string; answer: StoredAnswer }
  /** Something came of it, but its answer never went out: answer from what it is bound to. */
  | { kind: 'accepted'; boundTo: string };

/** Same key and same request: one transformation or style, one charge, one answer; for 24 hours. */
@Injectable()
export class Idempotency {
  constructor(private readonly keys: IdempotencyKeysRepository) {}

  /** @throws DomainError IDEMPOTENCY_KEY_IN_USE | IDEMPOTENCY_KEY_REUSED */
  async begin(userId: string, key: string, fingerprint: Buffer): Promise<KeyState> {
    const id = uuid();
    const now = Date.now();
    const claimed = await this.keys.claim(userId, key, {
      id,
      fingerprint,
      claimedUntil: new Date(now + CLAIM_MS),
      expiresAt: new Date(now + KEPT_MS),
    });
    if (claimed) return { kind: 'claimed', claim: id };

    const record = await this.keys.find(userId, key);
    if (record && !record.fingerprint.equals(fingerprint))
      throw new DomainError(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key came with another request before. Use a new key.',
      );
    const boundTo = record?.boundTo;
    if (boundTo && record.answer)
      return { kind: 'answered', boundTo, answer: record.answer as StoredAnswer };
    if (boundTo && !record.claimed) return { kind: 'accepted', boundTo };
    throw inUse();
  }

  /**
   * Part of the transaction that makes what it is bound to, so that no key ever leads to two.
   *
   * @throws DomainError IDEMPOTENCY_KEY_IN_USE when this claim took too long and was taken over
   */
  async bind(manager: EntityManager, claim: string, to: Binding): Promise<void> {
    if (!(await this.keys.bind(manager, claim, to))) throw inUse();
  }

  storeAnswer(claim: string, answer: StoredAnswer): Promise<void> {
    return this.keys.storeAnswer(claim, answer);
  }

  release(claim: string): Promise<void> {
    return this.keys.release(claim);
  }

  /** Deletes up to `limit` expired keys and returns the count. */
  deleteExpired(limit: number): Promise<number> {
    return this.keys.deleteExpired(limit);
  }
}

function inUse(): DomainError {
  return new DomainError(
    'IDEMPOTENCY_KEY_IN_USE',
    'The first request with this Idempotency-Key is still under way. Ask again shortly.',
    { retryAfterSeconds: 1 },
  );
}

/** @throws DomainError VALIDATION_FAILED */
export function parseIdempotencyKey(header: unknown): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || header.length === 0 || header.length > MAX_LENGTH)
    throw invalid('Idempotency-Key', `must have 1 to ${MAX_LENGTH} characters`);
  return header;
}

/** SHA-256 of what was asked: two requests with the same one are the same request. */
export function fingerprintOf(image: Buffer, form: object): Buffer {
  return createHash('sha256').update(JSON.stringify(form)).update('\0').update(image).digest();
}
