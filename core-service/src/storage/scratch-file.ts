import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/**
 * Runs the work with an empty file in the system's folder for such (`TMPDIR`). It has no name any
 * more when the work begins, so nothing of it is left however the work or the process ends.
 */
export async function withScratchFile<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
  const path = join(tmpdir(), `stylizer-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    return await work(file);
  } finally {
    await file.close();
  }
}

/** From its beginning, whatever was written or read before; the file stays open. */
export function readerOf(file: FileHandle): Readable {
  return file.createReadStream({ start: 0, autoClose: false });
}
