import { Injectable } from '@nestjs/common';
import { RecurringChores } from '../../common/recurring-chores.js';
import { Outbox } from '../../events/outbox.js';
import { Idempotency } from '../../idempotency/idempotency.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { TransformationLifecycle } from '../transformation-lifecycle.js';
import { Quotes } from '../quoting/quotes.service.js';
import { TransformationFiles } from '../transformation-files.js';
import { TransformationsRepository } from '../transformations.repository.js';

const BATCH = 100;
/** Rows deleted in one transaction. */
const ROWS = 1_000;
const EVENTS_KEPT_MS = 7 * 86_400_000;

/** Deals with what has expired: holds, images, idempotency keys, quotes and events. */
@Injectable()
export class Housekeeping extends RecurringChores {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
    private readonly lifecycle: TransformationLifecycle,
    private readonly files: TransformationFiles,
    private readonly idempotency: Idempotency,
    private readonly quotes: Quotes,
    private readonly outbox: Outbox,
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
    await this.drain(ROWS, (limit) => this.quotes.deleteExpired(limit));
    const eventsBefore = new Date(Date.now() - EVENTS_KEPT_MS);
    await this.drain(ROWS, (limit) => this.outbox.deleteBefore(eventsBefore, limit));
  }

  private async failExpired(id: string): Promise<void> {
    await this.lifecycle.fail(id, {
      code: 'TRANSFORMATION_FAILED',
      detail: 'It was not processed in time. The tokens were refunded.',
    });
  }
}
