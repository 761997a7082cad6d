import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { errorCode } from '../../common/error-code.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { type Task, Tasks } from '../../queue/tasks.js';
import { ObjectStorage } from '../../storage/object-storage.js';
import { readerOf, withScratchFile } from '../../storage/scratch-file.js';
import { pictureKeyOf, previewKeyOf } from '../../styles/custom-style.js';
import { ExportsRepository } from './exports.repository.js';
import { exportKeyOf, type ExportTask } from './exports.service.js';
import { EXPORTED, ExportedRows } from './exported-rows.js';
import { ZipWriter } from './zip-file.js';

/** What is not in the file, and why. */
interface Missing {
  file: string;
  reason: 'deleted' | 'not found' | 'no room';
}

/** What a worker does with an export. An attempt that dies leaves nothing behind; the next starts again. */
@Injectable()
export class MakeExport {
  private readonly logger = new Logger(MakeExport.name);

  constructor(
    private readonly exports: ExportsRepository,
    private readonly rows: ExportedRows,
    tasks: Tasks,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ACCOUNT_EXPORT_MAX_BYTES'>,
  ) {
    tasks.handle<ExportTask>('account-exports', (task) => this.run(task), { concurrency: 1 });
  }

  async run({ data: { exportId: id }, last, signal }: Task<ExportTask>): Promise<void> {
    try {
      const found = (await this.exports.start(id)) && (await this.exports.find(id));
      if (!found) return;
      const bytes = await this.make(id, found.userId, signal);
      // Meanwhile the account may have been deleted.
      if (!(await this.exports.finish(id, bytes))) await this.storage.delete(exportKeyOf(id));
    } catch (error) {
      const full = isFull(error);
      if (signal.aborted || !(full || last)) throw error;
      this.logger.error(error);
      await this.exports.fail(id, full ? NO_ROOM : FAILED);
    }
  }

  /** @returns the length of the file */
  private make(id: string, userId: string, signal: AbortSignal): Promise<number> {
    return withScratchFile(async (file) => {
      const zip = new ZipWriter(file);
      for (const [name, rows] of Object.entries(EXPORTED))
        await zip.addRows(name, this.rows.of(userId, rows));
      const missing = await this.addImages(zip, userId, signal);
      await zip.addJson('manifest.json', {
        export: id,
        account: userId,
        createdAt: new Date(),
        missing,
      });
      const { bytes, digest } = await zip.end();
      signal.throwIfAborted();
      const source = { bytes, digest, open: () => readerOf(file) };
      await this.storage.put(exportKeyOf(id), source, 'application/zip');
      return bytes;
    });
  }

  private async addImages(zip: ZipWriter, userId: string, signal: AbortSignal): Promise<Missing[]> {
    const missing: Missing[] = [];
    const add = async (file: string, key: string) => {
      signal.throwIfAborted();
      const object = await this.storage.get(key);
      if (!object) return void missing.push({ file, reason: 'not found' });
      if (zip.size + object.bytes > this.config.ACCOUNT_EXPORT_MAX_BYTES) {
        object.stream.destroy();
        return void missing.push({ file, reason: 'no room' });
      }
      await zip.add(file, object.stream, { compress: false });
    };
    for await (const { id } of this.rows.styles(userId)) {
      await add(`styles/${id}/picture.jpg`, pictureKeyOf(id));
      await add(`styles/${id}/preview.webp`, previewKeyOf(id));
    }
    for await (const { id, original, result, deleted } of this.rows.transformationImages(userId))
      for (const [file, key] of [
        [`originals/${id}.jpg`, original],
        [`results/${id}.jpg`, result],
      ] as const)
        if (deleted && key) missing.push({ file, reason: 'deleted' });
        else if (key) await add(file, key);
    return missing;
  }
}

const NO_ROOM = {
  code: 'STORAGE_FULL',
  detail: 'There was no room for the export. Ask for it again later.',
};
const FAILED = {
  code: 'EXPORT_FAILED',
  detail: 'The export could not be made. Ask for it again later.',
};

/** Of the storage, or of the disk for temporary files. */
function isFull(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === 'STORAGE_FULL';
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
