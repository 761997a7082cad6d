import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { Plain } from '../run/settings.js';

/** @throws Plain with the program's output if it fails. */
export async function runTool(
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const child = spawn(file, args, {
    // Drops the caller's PG* variables.
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Plain(`${basename(file)} failed (${code}):\n${said.trim()}`);
}
