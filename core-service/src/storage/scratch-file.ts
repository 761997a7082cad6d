import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

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

const CHUNK_BYTES = 65_536;

/**
 * From its beginning, whatever was written or read before; the file stays open. Not the file's own
 * stream: that closes it when it is destroyed, `autoClose` or not, and nobody could read it again.
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
