import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Postmaster {
  pid: number;
  port: number;
}

/**
 * The server that runs on this data, from its postmaster.pid (pid on line 1, port on line 4).
 * A file left by a crash does not count, even if another program now has its pid.
 */
export function runningPostmaster(dataDirectory: string): Postmaster | undefined {
  const lines = readLockFile(dataDirectory);
  const pid = Number(lines[0]);
  return isPostgres(pid) ? { pid, port: Number(lines[3]) } : undefined;
}

/**
 * PostgreSQL refuses to start if the pid in a stale postmaster.pid is in use again or belongs to a
 * zombie process (in a container without init). This replaces the pid with one that no process has;
 * the rest stays, since PostgreSQL uses it to detect whether children of a killed server still use
 * its memory.
 */
export function disarmStaleLockFile(dataDirectory: string): void {
  if (runningPostmaster(dataDirectory)) return;
  const [, ...rest] = readLockFile(dataDirectory);
  if (rest.length === 0) return;
  writeFileSync(join(dataDirectory, 'postmaster.pid'), ['2147483647', ...rest].join('\n'));
}

/** No lines if the file is missing or is being removed. */
function readLockFile(dataDirectory: string): string[] {
  try {
    return readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

function isPostgres(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (!existsSync('/proc/self/stat')) {
    const { stdout } = spawnSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], {
      encoding: 'utf8',
    });
    return /^[^Z]\S*\s.*postgres/.test(stdout.trim());
  }
  try {
    return /\(postgres\) [^ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
