import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../../common/domain-error.js';
import type { Principal } from '../../common/principal.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Transaction } from '../../database/transaction.js';
import { Tasks } from '../../queue/tasks.js';
import { ObjectStorage, type StoredObject } from '../../storage/object-storage.js';
import { type AccountExport, ExportsRepository } from './exports.repository.js';

const DAY_MS = 86_400_000;

export const exportKeyOf = (id: string) => `exports/${id}.zip`;

/** What a worker needs to know. */
export interface ExportTask {
  exportId: string;
}

/** Exports as their owner sees them. Somebody else's is not found. */
@Injectable()
export class ExportsService {
  constructor(
    private readonly exports: ExportsRepository,
    private readonly transaction: Transaction,
    private readonly tasks: Tasks,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'ACCOUNT_EXPORTS_PER_DAY' | 'ACCOUNT_EXPORT_DAYS'>,
  ) {}

  /** @throws DomainError EXPORT_IN_PROGRESS | RATE_LIMITED */
  request({ userId }: Principal): Promise<AccountExport> {
    const { ACCOUNT_EXPORTS_PER_DAY: most, ACCOUNT_EXPORT_DAYS: days } = this.config;
    const id = uuid();
    return this.transaction.run(async (manager) => {
      const expiresAt = new Date(Date.now() + days * DAY_MS);
      // First, since it waits for others of the same user, whom the count must see.
      const made = await this.exports.insert(manager, { id, userId, expiresAt });
      const recent = await this.exports.since(manager, userId, new Date(Date.now() - DAY_MS));
      if (recent.length > most) throw tooMany(most, recent.at(-1 - most));
      await this.tasks.send(manager, 'account-exports', { exportId: id } satisfies ExportTask);
      return made;
    });
  }

  /** @throws DomainError NOT_FOUND */
  async get({ userId }: Principal, id: string): Promise<AccountExport> {
    const found = await this.exports.find(id);
    if (found?.userId !== userId || found.expiresAt <= new Date()) throw noSuchExport();
    return found;
  }

  /** @throws DomainError NOT_FOUND | NOT_READY | STORAGE_UNAVAILABLE */
  async open(principal: Principal, id: string): Promise<StoredObject & { createdAt: Date }> {
    const { status, error, createdAt } = await this.get(principal, id);
    if (status !== 'ready')
      throw new DomainError(
        'NOT_READY',
        error
          ? `There is no file. ${error.detail}`
          : 'The export is not ready yet. Try again later.',
      );
    const object = await this.storage.get(exportKeyOf(id));
    if (!object) throw noSuchExport();
    return { ...object, createdAt };
  }

  async delete(id: string): Promise<void> {
    await this.storage.delete(exportKeyOf(id));
    await this.exports.delete(id);
  }

  async deleteAllOf(userId: string): Promise<void> {
    for (const id of await this.exports.idsOf(userId)) await this.delete(id);
  }
}

function noSuchExport(): DomainError {
  return new DomainError('NOT_FOUND', 'There is no such export.');
}

/** @param oldest that counts against the limit */
function tooMany(most: number, oldest = new Date()): DomainError {
  return new DomainError(
    'RATE_LIMITED',
    `An account can be exported ${most} times a day. The last exports can still be downloaded.`,
    { retryAfterSeconds: (oldest.getTime() + DAY_MS - Date.now()) / 1000 },
  );
}
