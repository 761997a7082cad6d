import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Service, spawnEntry } from './service.js';

/** Connects to the test, which thereby sees it start and exit, and sends its pid. */
const program = (extra: string) => `
import { connect } from 'node:net';
const socket = connect(Number(process.env.TEST_PORT), '127.0.0.1', () => socket.write(String(process.pid)));
socket.on('error', () => process.exit());
${extra}`;

let folder: string;
let server: ReturnType<typeof createServer>;
let said: string[];
const env = () => ({
  ...process.env,
  TEST_PORT: String((server.address() as { port: number }).port),
});

function service(extra: string, onCrash?: (crashes: number) => void): Service {
  const entry = join(folder, 'program.mjs');
  writeFileSync(entry, program(extra));
  return new Service({ folder: '.', entry, env: env(), say: (text) => said.push(text) }, onCrash);
}

async function arrival(): Promise<{ pid: number; gone: Promise<unknown> }> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.on('error', () => undefined);
  const gone = once(socket, 'close');
  const [pid] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  return { pid: Number(pid), gone };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stylizer-service-'));
  said = [];
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('a killed service is restarted, and its crashes are counted', async () => {
  const crashes: number[] = [];
  const killed = service('', (count) => crashes.push(count));
  const first = arrival();
  killed.start();
  const { pid } = await first;
  const second = arrival();
  process.kill(pid, 'SIGKILL');
  expect((await second).pid).not.toBe(pid);
  expect(crashes).toEqual([1]);
  expect(said.join()).toContain('exited unexpectedly (SIGKILL)');
  await killed.stop(5_000);
});

test('a service that ignores SIGTERM is killed after the grace period', async () => {
  const stubborn = service(`process.on('SIGTERM', () => undefined);`);
  const first = arrival();
  stubborn.start();
  const { gone } = await first;
  await stubborn.stop(200);
  await gone;
  expect(said.join()).toContain('killed');
});

test('stopping a service that waits for its restart cancels the restart', async () => {
  let crashed: () => void = () => undefined;
  const crash = new Promise<void>((resolve) => (crashed = resolve));
  const waiting = service('process.exit(3);', () => crashed());
  waiting.start();
  await crash;
  await waiting.stop(1_000);
  expect(said).toEqual(['exited unexpectedly (exit code 3); restarting in 0.5 s']);
});

test('a service ends with its parent process, even when the parent is killed', async () => {
  const entry = join(folder, 'program.mjs');
  writeFileSync(entry, program(''));
  const first = arrival();
  const child = spawnEntry({ folder: '.', entry, env: env(), say: (text) => said.push(text) });
  const { gone } = await first;
  // The same as when the parent is killed: the pipe ends.
  child.stdin?.destroy();
  await gone;
});
