import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import { Transaction } from '../database/transaction.js';
import { JobQueue } from '../queue/job-queue.js';
import { TokensService } from '../tokens/tokens.service.js';
import { ChangeFeed } from './change-feed.js';
import type { Transformation } from './transformation.js';
import { type Completion, TransformationsRepository } from './transformations.repository.js';

/**
 * The ends of a transformation. Each ends its hold in the same transaction: the transformation is
 * locked first, then the account, for the shortest time. The second of two finds it ended and changes
 * nothing.
 */
@Injectable()
export class EndTransformation {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
    private readonly queue: JobQueue,
    private readonly transaction: Transaction,
    private readonly changes: ChangeFeed,
  ) {}

  /** @returns undefined when it had ended before */
  complete({ id }: Transformation, completion: Completion): Promise<Transformation | undefined> {
    return this.end(id, 'settle', (manager) =>
      this.transformations.complete(manager, id, completion),
    );
  }

  /** @returns undefined when it had ended before */
  fail(
    { id }: Transformation,
    error: { code: string; detail: string },
  ): Promise<Transformation | undefined> {
    return this.end(id, 'release', (manager) => this.transformations.fail(manager, id, error));
  }

  /** @throws DomainError NOT_CANCELLABLE */
  async cancel({ id }: Transformation): Promise<Transformation> {
    const cancelled = await this.end(id, 'release', async (manager) => {
      const row = await this.transformations.cancel(manager, id);
      if (row) await this.queue.remove(manager, id);
      return row;
    });
    if (!cancelled)
      throw new DomainError(
        'NOT_CANCELLABLE',
        'It is being worked on or has ended; only a pending transformation can be cancelled.',
      );
    return cancelled;
  }

  private async end(
    id: string,
    end: 'settle' | 'release',
    change: (manager: EntityManager) => Promise<Transformation | undefined>,
  ): Promise<Transformation | undefined> {
    const ended = await this.transaction.run(async (manager) => {
      const ended = await change(manager);
      if (ended) await this.tokens.endHold(manager, { transformationId: id }, end);
      return ended;
    });
    if (ended) this.changes.announce(id, 'status');
    return ended;
  }
}
