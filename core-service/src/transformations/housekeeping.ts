import { Injectable } from '@nestjs/common';
import { SessionsService } from '../auth/sessions.service.js';
import { RecurringChores } from '../common/recurring-chores.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { TokensService } from '../tokens/tokens.service.js';
import { EndTransformation } from './end-transformation.js';
import { TransformationFiles } from './transformation-files.js';
import { TransformationsRepository } from './transformations.repository.js';

const BATCH = 100;

/** What time alone brings about: expired holds, images, keys and sessions. */
@Injectable()
export class Housekeeping extends RecurringChores {
  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
    private readonly ending: EndTransformation,
    private readonly files: TransformationFiles,
    private readonly idempotency: Idempotency,
    private readonly sessions: SessionsService,
  ) {
    super();
  }

  async run(): Promise<void> {
    await this.each(
      () => this.tokens.expiredHolds(BATCH),
      (id) => this.failExpired(id),
    );
    await this.each(
      () => this.transformations.withImagesToDelete(BATCH),
      (transformation) => this.files.delete(transformation),
    );
    await this.attempt(() => this.idempotency.deleteExpired());
    await this.attempt(() => this.sessions.deleteExpired());
  }

  private async failExpired(id: string): Promise<void> {
    const transformation = await this.transformations.find(id);
    if (!transformation) return;
    await this.ending.fail(transformation, {
      code: 'TRANSFORMATION_FAILED',
      detail: 'It could not be worked on in time. The tokens were given back.',
    });
  }
}
