import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { relay, type Say } from './console.js';
import { ROOT } from './settings.js';

const FOLDER = join(ROOT, 'packages/common');

/** Builds the package that the services import; false if the build fails. */
export async function buildCommon(say: Say): Promise<boolean> {
  if (isFresh()) return true;
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  relay([child.stdout, child.stderr], say);
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0;
}

function isFresh(): boolean {
  const built = join(FOLDER, 'dist/index.js');
  if (!existsSync(built)) return false;
  const since = statSync(built).mtimeMs;
  const files = readdirSync(join(FOLDER, 'src'), { recursive: true, encoding: 'utf8' });
  return files.every((file) => statSync(join(FOLDER, 'src', file)).mtimeMs <= since);
}
