import { join, resolve } from 'node:path';
import { makeBackup, type Source } from './backup/make-backup.js';
import { restoreBackup } from './backup/restore-backup.js';
import { startEmbedded } from './run/database.js';
import { coreEnvironment, Plain, readSettings, ROOT } from './run/settings.js';

/** Runs `work` on DATABASE_URL, else on the embedded PostgreSQL, which is stopped afterwards if it was not running. */
async function withSource(work: (source: Source) => Promise<void>): Promise<void> {
  const settings = readSettings();
  const postgres = settings.databaseUrl ? undefined : await startEmbedded(settings, console.error);
  try {
    const databaseUrl = settings.databaseUrl ?? postgres?.url('stylizer') ?? '';
    const { STORAGE_DRIVER, STORAGE_DIR = '' } = coreEnvironment(settings, databaseUrl);
    // Core resolves a relative folder against its own.
    const folder = resolve(join(ROOT, 'core-service'), STORAGE_DIR);
    await work({ databaseUrl, pictures: STORAGE_DRIVER === 'disk' ? folder : undefined });
  } finally {
    await (postgres?.startedHere ? postgres.stop() : postgres?.release());
  }
}

async function take(): Promise<void> {
  const stamp = new Date().toISOString().slice(0, 19).replace(/:/g, '-');
  const folder = resolve(process.env.TO || join(ROOT, '.data/backups', stamp));
  await withSource(async (source) => {
    const { contents, takenAt } = await makeBackup(source, folder);
    const { 'public.users': users, 'public.transfers': transfers } = contents.rows;
    console.log(`${folder}: ${users} users, ${transfers} transfers, as of ${takenAt}`);
    if (!source.pictures) console.log('Images are in a bucket and not included.');
  });
}

async function restore(): Promise<void> {
  const { FROM: from, REPLACE: replace } = process.env;
  if (!from) throw new Plain('usage: make restore FROM=folder [REPLACE=1]');
  await withSource(async (source) => {
    const options = { replace: replace === '1' };
    const { manifest, kept } = await restoreBackup(resolve(from), source, options);
    console.log(`Restored as of ${manifest.takenAt}; rows and balances match.`);
    if (kept.length) console.log(`The previous data is kept: ${kept.join(', ')}`);
  });
}

const commands: Record<string, () => Promise<void>> = { take, restore };

try {
  const command = commands[process.argv[2] ?? ''];
  if (!command) throw new Plain('usage: backup.ts take|restore');
  await command();
} catch (error) {
  const { code } = error as { code?: string };
  if (error instanceof Plain) console.error(error.message);
  else if (code === 'ECONNREFUSED') console.error('Cannot connect to DATABASE_URL.');
  else console.error(error);
  process.exitCode = 1;
}
