import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Account, canEnter, serverAccount } from './account.js';
import { type Binaries, findBinaries } from './binaries.js';

/** Root's folder for files that an unprivileged account must access if the project's folder is closed. */
const OPEN_FOLDER = '/var/lib/stylizer';

export interface Placement {
  account: Account;
  binaries: Binaries;
  dataDirectory: string;
}

/**
 * Decides which account runs the server, from which programs, and where its data is: in the requested
 * folder if possible. Root's server runs as `nobody`, who cannot enter a project below a closed folder
 * such as /root (mode 0700). Data and programs then go to /var/lib/stylizer.
 */
export function placeCluster(wanted: string, notice: (text: string) => void): Placement {
  const binaries = findBinaries();
  const parent = dirname(wanted);
  mkdirSync(parent, { recursive: true });
  const account = serverAccount(wanted);
  if (!account) return { account, binaries, dataDirectory: wanted };

  const dataDirectory = canEnter(account, parent) ? wanted : elsewhere(wanted, notice);
  if (existsSync(dataDirectory) && statSync(dataDirectory).uid !== account.uid) {
    handOver(dataDirectory, account);
  }
  return {
    account,
    binaries: canEnter(account, binaries.root) ? binaries : openCopy(binaries),
    dataDirectory,
  };
}

export function handOver(folder: string, account: Account): void {
  if (!account) return;
  spawnSync('chown', ['-R', `${account.uid}:${account.gid}`, folder]);
}

function elsewhere(wanted: string, notice: (text: string) => void): string {
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const folder = join(OPEN_FOLDER, name);
  openFolder(folder);
  notice(
    `PostgreSQL does not run as root, and the account it runs as cannot enter ${dirname(wanted)}. ` +
      `Its data is in ${folder} instead.`,
  );
  return join(folder, 'postgres');
}

function openCopy(binaries: Binaries): Binaries {
  const root = join(OPEN_FOLDER, `postgresql-${binaries.version}`);
  if (existsSync(root)) return { ...binaries, root };
  openFolder(OPEN_FOLDER);
  const copy = `${root}.${randomUUID()}`;
  cpSync(binaries.root, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  try {
    renameSync(copy, root);
  } catch (error) {
    // Another process was faster: its copy is equivalent.
    rmSync(copy, { recursive: true, force: true });
    if (!existsSync(root)) throw error;
  }
  return { ...binaries, root };
}

function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const each of [OPEN_FOLDER, folder]) chmodSync(each, 0o755);
}
