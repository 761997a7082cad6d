import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import { Transaction } from '../database/transaction.js';
import { TransformationLifecycle } from './transformation-lifecycle.js';
import type { Transformation, TransformationStatus } from './transformation.js';
import { TransformationFiles } from './transformation-files.js';
import { TransformationsRepository } from './transformations.repository.js';

/** What owners do with their transformations. Somebody else's is not found. */
@Injectable()
export class TransformationsService {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly lifecycle: TransformationLifecycle,
    private readonly files: TransformationFiles,
    private readonly transaction: Transaction,
  ) {}

  /** @throws DomainError NOT_FOUND */
  async get({ userId }: Principal, id: string): Promise<Transformation> {
    const transformation = await this.transformations.findOfUser(id, userId);
    if (!transformation) throw new DomainError('NOT_FOUND', 'There is no such transformation.');
    return transformation;
  }

  async list(
    { userId }: Principal,
    query: { limit: number; cursor?: string; status?: TransformationStatus },
  ): Promise<Page<Transformation>> {
    const rows = await this.transformations.list(userId, {
      status: query.status,
      before: query.cursor,
      limit: query.limit + 1,
    });
    return pageOf(rows, query.limit);
  }

  /** @throws DomainError NOT_FOUND | NOT_CANCELLABLE */
  async cancel(principal: Principal, id: string): Promise<Transformation> {
    await this.get(principal, id);
    return this.lifecycle.cancel(id);
  }

  /** @throws DomainError NOT_FOUND | TRANSFORMATION_IN_PROGRESS */
  async delete(principal: Principal, id: string): Promise<void> {
    let transformation = await this.get(principal, id);
    if (transformation.status === 'pending' || transformation.status === 'processing') {
      transformation = await this.lifecycle.cancel(id).catch(async (error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
        const now = await this.get(principal, id);
        if (now.status === 'processing')
          throw new DomainError(
            'TRANSFORMATION_IN_PROGRESS',
            'It is being worked on. Delete it when it has ended.',
          );
        return now;
      });
    }
    await this.transaction.run((manager) => this.transformations.markDeleted(manager, id));
    await this.files.delete(transformation);
  }
}
