import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

/** The account that the server runs as; undefined: the current one. */
export type Account = { uid: number; gid: number } | undefined;

/**
 * PostgreSQL refuses to run as root. As root, we run it as the owner of the data, else as `nobody`;
 * other users run it as themselves.
 *
 * @throws Error when the data belongs to another account and we are not root.
 */
export function serverAccount(dataDirectory: string): Account {
  const self = process.getuid?.();
  const owner = existsSync(dataDirectory) ? statSync(dataDirectory) : undefined;
  if (self !== 0) {
    if (owner && self !== undefined && owner.uid !== self) {
      throw new Error(
        `The data in ${dataDirectory} belongs to another account (uid ${owner.uid}). ` +
          `Change its owner (sudo chown -R "$(id -un)" …), or move it away to start with an empty database.`,
      );
    }
    return undefined;
  }
  if (owner && owner.uid !== 0 && hasName(owner.uid)) return { uid: owner.uid, gid: owner.gid };
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Whether the account can traverse every parent folder and list this one. */
export function canEnter(account: Account, folder: string): boolean {
  const script = 'cd "$1" && test -r .';
  return spawnSync('/bin/sh', ['-c', script, 'sh', folder], { ...account, cwd: '/' }).status === 0;
}

/** PostgreSQL looks its account up by name, so a bare number is not enough. */
const hasName = (uid: number): boolean => spawnSync('id', ['-un', String(uid)]).status === 0;

function idOf(flag: '-u' | '-g'): number {
  const { stdout, status } = spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' });
  const id = Number(stdout);
  if (status !== 0 || !Number.isInteger(id)) {
    throw new Error(
      'PostgreSQL does not run as root, and there is no account `nobody` to run it as. ' +
        'Run this as another user, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
  return id;
}
