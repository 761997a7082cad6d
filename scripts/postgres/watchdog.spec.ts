import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import pg from 'pg';

const fixture = join(import.meta.dirname, 'throw-away.fixture.ts');

/** Resolves when the folder is gone: its parent reports every removal. */
function removal(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(tmpdir(), (_event, name) => {
      if (name !== basename(folder) || existsSync(folder)) return;
      watcher.close();
      resolve();
    });
  });
}

test('a throw-away cluster is removed when its starter is killed', async () => {
  const dataDirectory = join(tmpdir(), `stylizer-spec-${randomUUID()}`);
  const starter = spawn(
    process.execPath,
    ['--import', '@swc-node/register/esm-register', fixture, dataDirectory],
    { cwd: join(import.meta.dirname, '../..'), stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [line] = (await once(starter.stdout.setEncoding('utf8'), 'data')) as [string];
  const client = new pg.Client({ connectionString: line.trim() });
  client.on('error', () => undefined);
  const disconnected = new Promise<void>((resolve) => client.once('end', resolve));
  await client.connect();

  const removed = removal(dataDirectory);
  starter.kill('SIGKILL');
  await disconnected;
  await removed;
  expect(existsSync(dataDirectory)).toBe(false);
});
