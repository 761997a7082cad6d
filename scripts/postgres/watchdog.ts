import { spawn } from 'node:child_process';
import { program } from './binaries.js';
import type { Cluster } from './server.js';

const SCRIPT = `
cat >/dev/null
"$1" -D "$2" -m immediate -w -t 20 stop >/dev/null 2>&1
rm -rf "$2" "$2".new-*
`;

/**
 * Removes a throw-away cluster when this process ends, even by kill -9: a small shell in its own
 * process group waits for the end of a pipe that only we hold open.
 *
 * @returns a function that removes it now.
 */
export function guard(cluster: Cluster): () => void {
  const { account, binaries, dataDirectory } = cluster;
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'sh', program(binaries, 'pg_ctl'), dataDirectory], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  // A pending pipe would keep this process alive.
  (shell.stdin as unknown as { unref(): void }).unref();
  return () => shell.stdin.end();
}
