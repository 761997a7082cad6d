import { randomUUID } from 'node:crypto';
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
import { dirname, join } from 'node:path';
import { DomainError } from '../common/domain-error.js';
import { errorCode } from '../common/error-code.js';
import {
  assertKey,
  type ObjectSource,
  ObjectStorage,
  type StoredObject,
} from './object-storage.js';

/** Less free space than this and no further upload is begun. */
const MIN_FREE_BYTES = 50_000_000;

/** Objects as files below one folder. A reader sees a whole object or none. */
export class DiskStorage extends ObjectStorage {
  constructor(
    private readonly root: string,
    /** Name of the file that becomes the object once it is whole. */
    private readonly partName: () => string = () => `.part-${randomUUID()}`,
  ) {
    super();
  }

  async put(key: string, content: Buffer | ObjectSource): Promise<void> {
    const path = this.pathOf(key);
    const part = join(this.root, this.partName());
    try {
      const made = await mkdir(dirname(path), { recursive: true });
      const file = await open(part, 'w');
      try {
        await write(file, content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, path);
      // The names too: what was paid for is there after a power cut.
      await syncFolder(dirname(path));
      if (made) await syncFolder(dirname(made));
    } catch (error) {
      await rm(part, { force: true });
      throw storageError(error);
    }
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const path = this.pathOf(key);
    try {
      const file = await open(path, 'r');
      const { size } = await file.stat();
      return { stream: file.createReadStream(), bytes: size };
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw storageError(error);
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
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

  private pathOf(key: string): string {
    assertKey(key);
    return join(this.root, key);
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
    'There is no room left to store images. Nothing was charged; try again later.',
    { cause },
  );
}
