import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { Plain } from '../run/settings.js';
import { findClientTool, majorOf } from './client-tools.js';
import { databaseOf, libpqEnvironment, withDatabase } from './connection.js';
import { contentsOf, differences } from './contents.js';
import { DUMP, type Manifest, MANIFEST, PICTURES, type Source } from './make-backup.js';
import { runTool } from './run-tool.js';

export interface RestoreOptions {
  /** Whether an existing database and images may be replaced; they are kept under another name. */
  replace: boolean;
}

/**
 * Restores into a new database, compares its counts with those of the backup, and only then swaps the
 * names. The previous data is kept under the returned names.
 *
 * @throws Plain when the target is in use, exists and must not be replaced, or the counts differ.
 */
export async function restoreBackup(
  folder: string,
  target: Source,
  { replace }: RestoreOptions,
): Promise<{ manifest: Manifest; kept: string[] }> {
  const manifest = await readManifest(folder);
  const name = databaseOf(target.databaseUrl);
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const fresh = `${name}_restored_${stamp}`;
  const admin = new pg.Client({ connectionString: withDatabase(target.databaseUrl, 'postgres') });
  await admin.connect();
  try {
    await refuseWhenUsed(admin, name);
    const filled = await existingTargets(admin, target, name);
    if (filled.length && !replace) {
      throw new Plain(
        `${filled.join(' and ')} already there. Set REPLACE=1 to replace it; the previous data is kept.`,
      );
    }
    await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(fresh)} TEMPLATE template0`);
    try {
      await fill(folder, manifest, withDatabase(target.databaseUrl, fresh));
      await unpackPictures(folder, target, stamp);
      const kept = [
        ...(await swapDatabase(admin, name, fresh, stamp)),
        ...(await swapPictures(target, stamp)),
      ];
      return { manifest, kept };
    } catch (error) {
      await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(fresh)}`);
      await rm(draftOf(target, stamp), { recursive: true, force: true });
      throw error;
    }
  } finally {
    await admin.end();
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST);
  if (!existsSync(file)) throw new Plain(`${folder} is not a backup: ${MANIFEST} is missing.`);
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  if (manifest.format !== 1)
    throw new Plain(`${folder} has a newer format than this version supports.`);
  return manifest;
}

/** Drops the target if it is empty. */
async function existingTargets(admin: pg.Client, target: Source, name: string): Promise<string[]> {
  const { databaseUrl, pictures } = target;
  const found = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  const empty = found.rowCount && (await isEmpty(databaseUrl));
  if (empty) await admin.query(`DROP DATABASE ${pg.escapeIdentifier(name)}`);
  const filled = pictures && existsSync(pictures) && (await readdir(pictures)).length > 0;
  return [
    ...(found.rowCount && !empty ? [`The database ${name} is`] : []),
    ...(filled ? [`${pictures} is`] : []),
  ];
}

async function isEmpty(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ tables: number }>(
      `SELECT count(*)::int AS tables FROM pg_stat_user_tables`,
    );
    return rows[0]?.tables === 0;
  } finally {
    await client.end();
  }
}

/** A database in use cannot be renamed, and its clients would not see the restored data. */
async function refuseWhenUsed(admin: pg.Client, name: string): Promise<void> {
  const { rows } = await admin.query<{ application: string }>(
    'SELECT DISTINCT application_name AS application FROM pg_stat_activity WHERE datname = $1',
    [name],
  );
  if (rows.length === 0) return;
  const users = rows.map(({ application }) => application || 'somebody').join(', ');
  throw new Plain(`The database ${name} is in use (${users}). Stop Stylizer first.`);
}

async function fill(folder: string, manifest: Manifest, databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    );
    const major = Math.max(majorOf(rows[0]?.version ?? ''), majorOf(manifest.serverVersion));
    await runTool(
      findClientTool('pg_restore', major),
      [
        ...['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'],
        ...['--dbname', databaseOf(databaseUrl), join(folder, DUMP)],
      ],
      libpqEnvironment(databaseUrl),
    );
    const faults = differences(manifest.contents, await contentsOf(client));
    if (faults.length)
      throw new Plain(`The restored data differs from the backup:\n  ${faults.join('\n  ')}`);
    // A restored database has no planner statistics.
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

const draftOf = ({ pictures }: Source, stamp: string): string =>
  `${pictures ?? 'pictures'}.restored-${stamp}`;

async function unpackPictures(folder: string, target: Source, stamp: string): Promise<void> {
  const archive = join(folder, PICTURES);
  if (!target.pictures || !existsSync(archive)) return;
  await mkdir(draftOf(target, stamp), { recursive: true });
  await runTool('tar', ['-xf', archive, '-C', draftOf(target, stamp)]);
}

async function swapDatabase(
  admin: pg.Client,
  name: string,
  fresh: string,
  stamp: string,
): Promise<string[]> {
  const [current, old, restored] = [name, `${name}_before_${stamp}`, fresh].map(
    pg.escapeIdentifier,
  );
  const found = await admin.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  await admin.query('BEGIN');
  if (found.rowCount) await admin.query(`ALTER DATABASE ${current} RENAME TO ${old}`);
  await admin.query(`ALTER DATABASE ${restored} RENAME TO ${current}`);
  await admin.query('COMMIT');
  return found.rowCount ? [`database ${name}_before_${stamp}`] : [];
}

async function swapPictures(target: Source, stamp: string): Promise<string[]> {
  const { pictures } = target;
  const draft = draftOf(target, stamp);
  if (!pictures || !existsSync(draft)) return [];
  const old = `${pictures}.before-${stamp}`;
  const there = existsSync(pictures);
  if (there) await rename(pictures, old);
  await rename(draft, pictures);
  return there ? [old] : [];
}
