import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ErrorCode } from '../../common/domain-error.js';
import type { Principal } from '../../common/principal.js';
import { ObjectStorage } from '../../storage/object-storage.js';
import { StylesService } from '../../styles/styles.service.js';
import { TransformationsService } from '../../transformations/transformations.service.js';
import { ExportsService } from '../export/exports.service.js';
import { DeletionsRepository } from './deletions.repository.js';

const START = '00000000-0000-0000-0000-000000000000';
const PAGE = 100;

/**
 * Deletes everything of an account that is stored as files: originals, results, custom styles and exports.
 * Safe to run twice, also at the same time. Cancels what has not begun; what has begun ends, and its images go then.
 */
@Injectable()
export class EraseImages {
  constructor(
    private readonly deletions: DeletionsRepository,
    private readonly transformations: TransformationsService,
    private readonly styles: StylesService,
    private readonly exports: ExportsService,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
  ) {}

  async of(userId: string): Promise<void> {
    // No session: it has ended. The services ask for the account alone.
    const owner: Principal = { kind: 'user', userId, sessionId: START, role: 'user' };
    const { transformations: open } = await this.deletions.openWork(userId);
    for (const id of open)
      await unless(['NOT_CANCELLABLE', 'NOT_FOUND'], () => this.transformations.cancel(owner, id));
    await this.deletions.expireImages(open);
    for (const { id } of await this.styles.listOwn(owner))
      await unless(['STYLE_NOT_FOUND'], () => this.styles.delete(owner, id));
    await this.exports.deleteAllOf(userId);
    for (let after = START; ;) {
      const page = await this.deletions.images(userId, after, PAGE);
      for (const { id, original, result } of page) {
        await this.storage.delete(original);
        if (result) await this.storage.delete(result);
        await this.deletions.markImagesDeleted(id);
      }
      if (page.length < PAGE) return;
      after = (page.at(-1) as { id: string }).id;
    }
  }
}

/** What has ended meanwhile, or was deleted by another run, needs nothing. */
async function unless(codes: ErrorCode[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DomainError && codes.includes(error.code))) throw error;
  }
}
