import { createHash, randomUUID } from 'node:crypto';
import {
  access,
  constants,
  type FileHandle,
  mkdir,
  open,
  rename,
  rm,
  statfs,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DomainError } from '../common/domain-error.js';
import { errorCode } from '../common/error-code.js';
import {
  assertKey,
  type ObjectSource,
  ObjectStorage,
  type StoredObject,
} from './object-storage.js';

/** With less free space than this, no upload starts. */
const MIN_FREE_BYTES = 50_000_000;

/**
 * Files of each kind (`results`, `originals`, …) fan out over 4,096 folders, named by three hexadecimal
 * digits: 120 files a folder at 500,000 objects, 12,000 at 50 million. Empty folders are kept: at 4 KB
 * each they take 64 MB at most, and removing them would race with uploads.
 */
const FAN_OUT_DIGITS = 3;

/**
 * Objects as files below one folder. A reader sees a whole object or none.
 *
 * The object `results/<name>` is the file `results/_3fa/<name>`: with all files in one folder, lookups,
 * listings and backups slow down as it grows. Earlier versions stored it at `results/<name>`; those
 * files are still read and deleted. No segment of a key starts with `_`, so the layouts cannot clash.
 */
export class DiskStorage extends ObjectStorage {
  private readonly root: string;
  /** Folders whose directory entries were synced by this process. Bounded, as the fan-out is. */
  private readonly lasting = new Set<string>();

  constructor(
    root: string,
    /** Name of the file that becomes the object once it is whole. */
    private readonly partName: () => string = () => `.part-${randomUUID()}`,
  ) {
    super();
    this.root = resolve(root);
  }

  async put(key: string, content: Buffer | ObjectSource): Promise<void> {
    const path = this.pathOf(key);
    const part = join(this.root, this.partName());
    try {
      await this.makeFolder(dirname(path));
      const file = await open(part, 'w');
      try {
        await write(file, content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, path);
      // The names too, so that a paid result survives a power cut.
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(part, { force: true });
      throw storageError(error);
    }
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const [path, earlierPath] = [this.pathOf(key), this.earlierPathOf(key)];
    try {
      const file = (await openIfThere(path)) ?? (await openIfThere(earlierPath));
      if (!file) return undefined;
      const { size } = await file.stat();
      return { stream: file.createReadStream(), bytes: size };
    } catch (error) {
      throw storageError(error);
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.pathOf(key);
    // The old location first: if the second delete fails, no overwritten object reappears.
    await rm(this.earlierPathOf(key), { force: true });
    await rm(path, { force: true });
  }

  async check(): Promise<void> {
    try {
      await mkdir(this.root, { recursive: true });
      await access(this.root, constants.W_OK);
      const { bavail, bsize } = await statfs(this.root);
      if (bavail * bsize < MIN_FREE_BYTES) throw full();
    } catch (error) {
      throw storageError(error);
    }
  }

  /**
   * By a hash of the key. The first digits of a UUIDv7 would not work: they are a timestamp, so all
   * files of several hours would share a folder.
   */
  private pathOf(key: string): string {
    const earlier = this.earlierPathOf(key);
    const digits = createHash('sha256').update(key).digest('hex').slice(0, FAN_OUT_DIGITS);
    return join(dirname(earlier), `_${digits}`, basename(earlier));
  }

  private earlierPathOf(key: string): string {
    assertKey(key);
    return join(this.root, key);
  }

  /** Syncs its parents too, even if another upload or process has just created it. */
  private async makeFolder(path: string): Promise<void> {
    const made = await mkdir(path, { recursive: true });
    if (!made && this.lasting.has(path)) return;
    const isNew = (folder: string) => made !== undefined && folder.length >= made.length;
    const top = isNew(this.root) ? dirname(made as string) : this.root;
    for (let folder = path; folder !== top; folder = dirname(folder)) {
      if (this.lasting.has(folder) && !isNew(folder)) break;
      await syncFolder(dirname(folder));
      this.lasting.add(folder);
    }
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(file: FileHandle, content: Buffer | ObjectSource): Promise<void> {
  if (Buffer.isBuffer(content)) return file.writeFile(content);
  await file.writeFile(content.open());
  const { size } = await file.stat();
  if (size !== content.bytes) throw new Error(`${size} of ${content.bytes} bytes were there`);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function storageError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return full(error);
  return new DomainError('STORAGE_UNAVAILABLE', 'Images cannot be stored or read at the moment.', {
    cause: error,
    retryAfterSeconds: 30,
  });
}

function full(cause?: unknown): DomainError {
  return new DomainError(
    'STORAGE_FULL',
    'The storage is full. Nothing was charged; try again later.',
    { cause },
  );
}
