import { Inject, Injectable } from '@nestjs/common';
import { RecurringChores } from '../common/recurring-chores.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { CustomStylesRepository } from './custom-styles.repository.js';
import { StyleFiles } from './style-files.js';
import { StyleLifecycle } from './style-lifecycle.js';

const BATCH = 100;
const HOUR_MS = 3_600_000;

/** Fails styles whose maker died; deletes files of deleted styles, and codes that are no longer needed. */
@Injectable()
export class StyleHousekeeping extends RecurringChores {
  constructor(
    private readonly styles: CustomStylesRepository,
    private readonly lifecycle: StyleLifecycle,
    private readonly files: StyleFiles,
    @Inject(CONFIG) private readonly config: Pick<Config, 'HOLD_HOURS'>,
  ) {
    super();
  }

  async run(): Promise<void> {
    await this.each(
      BATCH,
      (limit) => this.styles.overdue(limit),
      (style) => this.lifecycle.fail(style),
    );
    await this.each(
      BATCH,
      (limit) => this.styles.filesToDelete(limit),
      (id) => this.files.delete(id),
    );
    await this.drain(BATCH, (limit) => this.styles.eraseDeleted(this.unneededSince(), limit));
  }

  /**
   * No transformation outlives its hold. The extra hour is for submissions accepted while the
   * style was deleted, and for the interval of the housekeeping.
   */
  private unneededSince(): Date {
    return new Date(Date.now() - (this.config.HOLD_HOURS + 1) * HOUR_MS);
  }
}
