import { Injectable } from '@nestjs/common';
import { RecurringChores } from '../common/recurring-chores.js';
import { DeletionService } from './deletion/deletion.service.js';
import { ExportsRepository } from './export/exports.repository.js';
import { ExportsService } from './export/exports.service.js';

const BATCH = 100;
/** Longer than all attempts of an export together. */
const ABANDONED_MS = 12 * 3_600_000;

/** Carries out deletions whose time has come; deletes exports that have expired. */
@Injectable()
export class AccountHousekeeping extends RecurringChores {
  constructor(
    private readonly deletion: DeletionService,
    private readonly exports: ExportsService,
    private readonly exportRows: ExportsRepository,
  ) {
    super();
  }

  async run(): Promise<void> {
    // Once for each account: one that somebody still works for stays due until the next run.
    for (const userId of (await this.attempt(() => this.deletion.due(BATCH))) ?? [])
      await this.attempt(() => this.deletion.carryOut(userId));
    const before = new Date(Date.now() - ABANDONED_MS);
    await this.each(
      BATCH,
      (limit) => this.exportRows.abandoned(before, limit),
      (id) => this.exportRows.fail(id, ABANDONED),
    );
    await this.each(
      BATCH,
      (limit) => this.exportRows.expired(limit),
      (id) => this.exports.delete(id),
    );
  }
}

const ABANDONED = {
  code: 'EXPORT_FAILED',
  detail: 'The export could not be made. Ask for it again.',
};
