import { Injectable } from '@nestjs/common';
import { RecurringChores } from '../../common/recurring-chores.js';
import { Idempotency } from '../../idempotency/idempotency.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { EndTransformation } from '../transformation-lifecycle.js';
import { TransformationFiles } from '../transformation-files.js';
import { TransformationsRepository } from '../transformations.repository.js';

const BATCH = 100;
/** Rows deleted in one transaction. */
const ROWS = 1_000;

/** What time alone brings about: expired holds, images and idempotency keys. */
@Injectable()
export class Housekeeping extends RecurringChores {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
    private readonly ending: EndTransformation,
    private readonly files: TransformationFiles,
    private readonly idempotency: Idempotency,
  ) {
    super();
  }

  async run(): Promise<void> {
    await this.each(
      BATCH,
      (limit) => this.tokens.expiredHolds(limit),
      (id) => this.failExpired(id),
    );
    await this.each(
      BATCH,
      (limit) => this.transformations.withImagesToDelete(limit),
      (transformation) => this.files.delete(transformation),
    );
    await this.drain(ROWS, (limit) => this.idempotency.deleteExpired(limit));
  }

  private async failExpired(id: string): Promise<void> {
    const transformation = await this.transformations.find(id);
    if (!transformation) return;
    await this.ending.fail(transformation, {
      code: 'TRANSFORMATION_FAILED',
      detail: 'It could not be worked on in time. The tokens were refunded.',
    });
  }
}
