import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { DomainError, invalid } from '../common/domain-error.js';
import { type Binding, IdempotencyKeysRepository } from './idempotency-keys.repository.js';

const MAX_LENGTH = 255;
const KEPT_MS = 24 * 3_600_000;
/** Longer than the longest wait for an answer (60 s) and the work before it. */
const CLAIM_MS = 90_000;

/** The first answer to a key, for repeating it. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  /** Absent: the JPG of the transformation. */
  body?: unknown;
}

/** Binds the request's key to what the request creates, in the same transaction. */
export type Bind = (manager: EntityManager, to: Binding) => Promise<void>;

/** Waits for the answer to an accepted request. */
export type Answering = () => Promise<StoredAnswer>;

export interface OnceRequest {
  userId: string;
  /** Absent: the request is not idempotent. */
  key: string | undefined;
  fingerprint: () => Buffer;
  /** Handles a new request. */
  first(bind: Bind): Promise<Answering>;
  /** Answers from what an earlier request with this key created. */
  again(boundTo: string): Promise<Answering>;
}

const REPLAYED = { 'idempotency-replayed': 'true' };

type KeyState =
  /** This is the first request with the key. */
  | { kind: 'claimed'; claim: string }
  /** The first request was answered. */
  | { kind: 'answered'; answer: StoredAnswer }
  /** The first request was accepted but its answer was not stored: answer from what the key is bound to. */
  | { kind: 'accepted'; boundTo: string };

/** The same key and request give one transformation or style, one charge, one answer; for 24 hours. */
@Injectable()
export class Idempotency {
  constructor(private readonly keys: IdempotencyKeysRepository) {}

  /**
   * Runs `first` for a new key; repeats the answer for a known one. A refusal frees the key for a retry.
   *
   * @returns once the request is accepted; the returned function keeps nothing of an upload
   * @throws DomainError IDEMPOTENCY_KEY_IN_USE | IDEMPOTENCY_KEY_REUSED
   */
  async once({ userId, key, fingerprint, first, again }: OnceRequest): Promise<Answering> {
    if (key === undefined) return first(() => Promise.resolve());

    const state = await this.begin(userId, key, fingerprint());
    switch (state.kind) {
      case 'claimed':
        return this.firstTime(state.claim, first);
      case 'answered':
        return answered(replayed(state.answer));
      case 'accepted':
        return replaying(await again(state.boundTo));
    }
  }

  /** Deletes up to `limit` expired keys and returns the count. */
  deleteExpired(limit: number): Promise<number> {
    return this.keys.deleteExpired(limit);
  }

  private async begin(userId: string, key: string, fingerprint: Buffer): Promise<KeyState> {
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
        'This Idempotency-Key was used for a different request. Use a new key.',
      );
    const boundTo = record?.boundTo;
    if (boundTo && record.answer)
      return { kind: 'answered', answer: record.answer as StoredAnswer };
    if (boundTo && !record.claimed) return { kind: 'accepted', boundTo };
    throw inUse();
  }

  private async firstTime(claim: string, first: OnceRequest['first']): Promise<Answering> {
    const bind: Bind = (manager, to) => this.bind(manager, claim, to);
    return this.storing(claim, await this.orRelease(claim, () => first(bind)));
  }

  private storing(claim: string, answering: Answering): Answering {
    return () =>
      this.orRelease(claim, async () => {
        const answer = await answering();
        await this.keys.storeAnswer(claim, answer);
        return answer;
      });
  }

  /** @throws DomainError IDEMPOTENCY_KEY_IN_USE when this claim took too long and was taken over */
  private async bind(manager: EntityManager, claim: string, to: Binding): Promise<void> {
    if (!(await this.keys.bind(manager, claim, to))) throw inUse();
  }

  /** A bound key stays bound: the next request with it finds what was created. */
  private async orRelease<T>(claim: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.keys.release(claim);
      throw error;
    }
  }
}

// Separate functions: a closure with `first` in scope would keep the upload in memory.
const answered =
  (answer: StoredAnswer): Answering =>
  () =>
    Promise.resolve(answer);
const replaying =
  (answering: Answering): Answering =>
  () =>
    answering().then(replayed, rejectedAgain);

function replayed(answer: StoredAnswer): StoredAnswer {
  return { ...answer, headers: { ...answer.headers, ...REPLAYED } };
}

function rejectedAgain(error: unknown): never {
  if (error instanceof DomainError) Object.assign(error.headers, REPLAYED);
  throw error;
}

function inUse(): DomainError {
  return new DomainError(
    'IDEMPOTENCY_KEY_IN_USE',
    'The first request with this Idempotency-Key is still in progress. Try again shortly.',
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

/** SHA-256 of a request: requests with equal fingerprints are the same request. */
export function fingerprintOf(image: Buffer, form: object): Buffer {
  return createHash('sha256').update(JSON.stringify(form)).update('\0').update(image).digest();
}
