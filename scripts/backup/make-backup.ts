import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { Plain } from '../run/settings.js';
import { findClientTool, majorOf } from './client-tools.js';
import { libpqEnvironment } from './connection.js';
import { type Contents, contentsOf } from './contents.js';
import { runTool } from './run-tool.js';

export const DUMP = 'database.dump';
export const PICTURES = 'pictures.tar';
export const MANIFEST = 'manifest.json';

export interface Manifest {
  format: 1;
  /** Time of the snapshot, ISO 8601, UTC. */
  takenAt: string;
  /** Of the server, such as 18.4. */
  serverVersion: string;
  contents: Contents;
}

export interface Source {
  databaseUrl: string;
  /** undefined if images are in a bucket, which keeps its own versions. */
  pictures: string | undefined;
}

/**
 * Writes a folder with a snapshot of the database, taken while the services run, and then the images.
 * In this order the backup has every image that the database refers to; later ones are harmless.
 *
 * @throws Plain when the folder exists or pg_dump is missing.
 */
export async function makeBackup(source: Source, folder: string): Promise<Manifest> {
  if (existsSync(folder)) throw new Plain(`${folder} already exists.`);
  const draft = `${folder}.part`;
  await rm(draft, { recursive: true, force: true });
  // Accounts, password hashes, users' images.
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    const manifest = await dump(source.databaseUrl, join(draft, DUMP));
    if (source.pictures && (await isFilled(source.pictures))) {
      await runTool('tar', ['-cf', join(draft, PICTURES), '-C', source.pictures, '.']);
    }
    await writeFile(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(draft, folder);
    return manifest;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Counts and dumps in one snapshot, so that the counts match the dump. */
async function dump(databaseUrl: string, file: string): Promise<Manifest> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await client.query<{ snapshot: string; version: string }>(
      `SELECT pg_export_snapshot() AS snapshot, current_setting('server_version') AS version`,
    );
    const { snapshot = '', version = '' } = rows[0] ?? {};
    const takenAt = new Date().toISOString();
    const contents = await contentsOf(client);
    await runTool(
      findClientTool('pg_dump', majorOf(version)),
      [
        '--format=custom',
        '--no-owner',
        '--no-privileges',
        `--snapshot=${snapshot}`,
        '--file',
        file,
      ],
      libpqEnvironment(databaseUrl),
    );
    return { format: 1, takenAt, serverVersion: version, contents };
  } finally {
    await client.end();
  }
}

const isFilled = async (folder: string): Promise<boolean> =>
  existsSync(folder) && (await readdir(folder)).length > 0;
