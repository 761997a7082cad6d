import { spawn } from 'node:child_process';
import type { Account } from './account.js';

export interface CommandResult {
  /** null if it was killed, by the time limit or otherwise. */
  status: number | null;
  output: string;
}

/** Runs a program as the account until it exits or reaches its time limit, without our PG* variables. */
export function runCommand(
  file: string,
  args: string[],
  { account, timeoutMs }: { account: Account; timeoutMs: number },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...account,
      // The account may not have access to our working folder.
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output }));
  });
}
