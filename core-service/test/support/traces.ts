import { readdir } from 'node:fs/promises';
import { UploadMemory } from '../../src/uploads/upload-memory.js';
import type { TestUser } from '../factories/users.js';
import { client } from './client.js';
import type { TestApp } from './test-app.js';

/** Everything that a request of this user could leave: transfers, rows, files. */
export async function tracesOf(app: TestApp, user: TestUser) {
  const count = async (table: string) =>
    Number((await app.dataSource.query(`SELECT count(*) FROM ${table}`))[0].count);
  return {
    balance: await client(app, user).balance(),
    transfers: await count('transfers'),
    holds: await count('holds'),
    transformations: await count('transformations'),
    styles: await count(`styles WHERE status <> 'failed'`),
    jobs: await count(`pgboss.job WHERE name = 'transformations'`),
    files: await storedFiles(app),
  };
}

/** Names of all files in the app's storage, complete or partial, without their folders. */
export async function storedFiles({ config }: Pick<TestApp, 'config'>): Promise<string[]> {
  const entries = await readdir(config.STORAGE_DIR, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(config.STORAGE_DIR.length + 1))
    .map((path) => path.replace(/\/_[0-9a-f]{3}\//, '/'))
    .sort();
}

/** Bytes of uploads in memory, as the app counts them. */
export function uploadMemory({ app }: TestApp): number {
  return app.get(UploadMemory)['taken'];
}
