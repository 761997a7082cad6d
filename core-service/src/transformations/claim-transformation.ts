import { Injectable } from '@nestjs/common';
import { Transaction } from '../database/transaction.js';
import { ChangeFeed } from './change-feed.js';
import type { Transformation } from './transformation.js';
import { TransformationsRepository } from './transformations.repository.js';

/** A worker takes a transformation. */
@Injectable()
export class ClaimTransformation {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly transaction: Transaction,
    private readonly changes: ChangeFeed,
  ) {}

  /** @returns undefined when it has ended in the meantime */
  async claim(id: string): Promise<Transformation | undefined> {
    const claimed = await this.transaction.run((manager) =>
      this.transformations.claim(manager, id),
    );
    if (claimed) this.changes.announce(id, 'status');
    return claimed;
  }
}
