import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { ROOT } from '../run/settings.js';

/** The command, date and commit that wrote a page. */
export function writtenBy(command: string): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return `Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)} at commit ${commit.trim()}.`;
}

export function machine(): string {
  const [{ model } = { model: 'unknown' }] = cpus();
  return `Machine: ${model.trim()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB; ${process.platform} ${process.arch}, Node.js ${process.version}.`;
}
