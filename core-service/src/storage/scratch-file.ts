import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/**
 * Runs the work with an empty temporary file (in `TMPDIR`). The file is unlinked before the work
 * starts, so nothing remains however the work or the process ends.
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

const CHUNK_BYTES = 65_536;

/**
 * Reads the file from the beginning, and leaves it open. Not the file's own stream, which closes the
 * file when destroyed, with or without `autoClose`.
 */
export function readerOf(file: FileHandle): Readable {
  return Readable.from(chunksOf(file), { objectMode: false });
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}
