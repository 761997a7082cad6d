import type { Readable } from 'node:stream';

export interface StoredObject {
  stream: Readable;
  /** Length in bytes. */
  bytes: number;
}

/** Content to store without holding it in memory. */
export interface ObjectSource {
  /** Length in bytes. */
  bytes: number;
  /** SHA-256, hexadecimal. */
  digest: string;
  /** Starts from the beginning each time. */
  open(): Readable;
}

/** Stores images. Keys are relative paths of `[a-z0-9._-]` segments. */
export abstract class ObjectStorage {
  /**
   * Stores all of it or nothing; overwrites.
   *
   * @throws DomainError STORAGE_FULL | STORAGE_UNAVAILABLE
   */
  abstract put(key: string, content: Buffer | ObjectSource, contentType: string): Promise<void>;

  /** @returns undefined when there is no such object */
  abstract get(key: string): Promise<StoredObject | undefined>;

  /** Succeeds even if there is no such object. */
  abstract delete(key: string): Promise<void>;

  /** Whether objects can be stored now. */
  abstract check(): Promise<void>;
}

const KEY = /^[a-z0-9-][a-z0-9._-]*(\/[a-z0-9-][a-z0-9._-]*)*$/;

/** We make all keys, so an invalid one is a defect and must never become a path. */
export function assertKey(key: string): void {
  if (!KEY.test(key)) throw new Error(`not a storage key: ${JSON.stringify(key)}`);
}

export async function readAll(object: StoredObject): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of object.stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
