import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { Transaction } from '../database/transaction.js';
import { Outbox } from '../events/outbox.js';
import { type JobData, JobQueue } from '../queue/job-queue.js';
import { TokensService } from '../tokens/tokens.service.js';
import type { Transformation, TransformationStatus } from './transformation.js';
import {
  type Completion,
  type NewTransformation,
  TransformationsRepository,
} from './transformations.repository.js';

export interface Begun {
  transformation: Transformation;
  /** Available balance right after the hold, in tokens. */
  available: number;
}

/**
 * Every change of a transformation's status, with its tokens and its event in one transaction. The
 * transformation is locked first, then the account, for the shortest time. The second of two endings
 * finds it ended and changes nothing.
 */
@Injectable()
export class TransformationLifecycle {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
    private readonly queue: JobQueue,
    private readonly transaction: Transaction,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Row, job and hold.
   *
   * @param job `large`: the network works on it for seconds to minutes
   * @param alongside further work of the same transaction
   * @throws DomainError INSUFFICIENT_TOKENS | KEY_BUDGET_EXCEEDED
   */
  begin(
    row: NewTransformation,
    { large, ...trace }: Omit<JobData, 'transformationId'> & { large: boolean },
    alongside: (manager: EntityManager) => Promise<void>,
  ): Promise<Begun> {
    const { id, userId, price, apiKeyId } = row;
    return this.transaction.run(async (manager) => {
      const open = await this.transformations.countOpen(manager, userId);
      const transformation = await this.transformations.insert(manager, row);
      // The more a user has under way, the later the next: nobody's batch starves the others.
      const job = { transformationId: id, ...trace };
      await this.queue.send(manager, job, { priority: -open, large });
      await alongside(manager);
      // Last, since it locks the account: others of the same user wait for the commit alone.
      const hold = { userId, amount: price, transformationId: id, apiKeyId };
      return { transformation, available: await this.tokens.hold(manager, hold) };
    });
  }

  /**
   * A worker takes it.
   *
   * @returns undefined when it has ended in the meantime
   */
  claim(id: string): Promise<Transformation | undefined> {
    return this.transaction.run(async (manager) => {
      const claimed = await this.transformations.claim(manager, id);
      if (claimed) await this.record(manager, 'processing', claimed);
      return claimed;
    });
  }

  /** @returns undefined when it had ended before */
  complete(id: string, completion: Completion): Promise<Transformation | undefined> {
    return this.end('completed', (manager) =>
      this.transformations.complete(manager, id, completion),
    );
  }

  /** @returns undefined when it had ended before */
  fail(id: string, error: { code: string; detail: string }): Promise<Transformation | undefined> {
    return this.end('failed', (manager) => this.transformations.fail(manager, id, error));
  }

  /** @throws DomainError NOT_CANCELLABLE */
  async cancel(id: string): Promise<Transformation> {
    const cancelled = await this.end('cancelled', async (manager) => {
      const row = await this.transformations.cancel(manager, id);
      if (row) await this.queue.remove(manager, id);
      return row;
    });
    if (!cancelled)
      throw new DomainError(
        'NOT_CANCELLABLE',
        'Only a pending transformation can be cancelled; this one has started or ended.',
      );
    return cancelled;
  }

  private end(
    status: 'completed' | 'failed' | 'cancelled',
    change: (manager: EntityManager) => Promise<Transformation | undefined>,
  ): Promise<Transformation | undefined> {
    return this.transaction.run(async (manager) => {
      const ended = await change(manager);
      if (!ended) return undefined;
      await this.record(manager, status, ended);
      const end = status === 'completed' ? 'settle' : 'release';
      await this.tokens.endHold(manager, { transformationId: ended.id }, end);
      return ended;
    });
  }

  private record(
    manager: EntityManager,
    status: Exclude<TransformationStatus, 'pending'>,
    transformation: Transformation,
  ): Promise<void> {
    const { id, userId, webhookUrl } = transformation;
    return this.outbox.record(manager, {
      type: `transformation.${status}`,
      userId,
      subjectId: id,
      facts: factsOf(transformation),
      ...(webhookUrl && status !== 'processing' && { webhookUrl }),
    });
  }
}

/** What webhooks tell of it: small, and what a client needs to go on. */
function factsOf({ id, status, price, error, result }: Transformation): Record<string, unknown> {
  return {
    id,
    status,
    price,
    ...(error && { error: { code: error.code } }),
    ...(result && { resultUrl: `/v1/transformations/${id}/result` }),
  };
}
