import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '../../src/common/domain-error.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import type { ObjectSource } from '../../src/storage/object-storage.js';

/** A disk that refuses to write, read or delete as long as a test wants. */
export class StubbornStorage extends DiskStorage {
  refuses: (what: 'put' | 'get' | 'delete', key: string) => boolean = () => false;

  constructor(private readonly folder = mkdtempSync(join(tmpdir(), 'stylizer-stubborn-'))) {
    super(folder);
  }

  override async put(key: string, bytes: Buffer | ObjectSource) {
    this.ask('put', key);
    await super.put(key, bytes);
  }

  override async get(key: string) {
    this.ask('get', key);
    return super.get(key);
  }

  override async delete(key: string) {
    this.ask('delete', key);
    await super.delete(key);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }

  private ask(what: 'put' | 'get' | 'delete', key: string): void {
    if (this.refuses(what, key)) throw new DomainError('STORAGE_UNAVAILABLE', 'Not now.');
  }
}
