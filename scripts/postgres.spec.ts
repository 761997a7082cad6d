import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Postgres, startPostgres } from './postgres.js';
import { freePort } from './postgres/free-port.js';
import { PortTakenError } from './postgres/server.js';

const dataDirectory = join(tmpdir(), `stylizer spec ${randomUUID()}`);
const lockFile = join(dataDirectory, 'postmaster.pid');
const postmaster = () => Number(readFileSync(lockFile, 'utf8').split('\n')[0]);
const opened: Postgres[] = [];
let port: number;

async function start(options: { port?: number; notice?: (text: string) => void } = {}) {
  const postgres = await startPostgres({ dataDirectory, durable: true, ...options });
  opened.push(postgres);
  return postgres;
}

async function ask(url: string, statement: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function killPostmaster(postgres: Postgres) {
  const lost = new Promise<void>((resolve) => postgres.onLost(resolve));
  process.kill(postmaster(), 'SIGKILL');
  await lost;
}

async function occupy(taken: number): Promise<Server> {
  const server = createServer().listen(taken, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  port = await freePort();
  await (await start({ port })).createDatabase('kept');
  await opened[0]?.stop();
});
afterEach(async () => {
  for (const postgres of opened.splice(0)) await postgres.stop();
});
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

describe('starting', () => {
  test('keeps the data of the previous run', async () => {
    const first = await start({ port });
    await ask(first.url('kept'), 'CREATE TABLE IF NOT EXISTS notes AS SELECT 7 AS number');
    await first.stop();
    const second = await start({ port });
    expect(second.startedHere).toBe(true);
    expect(await ask(second.url('kept'), 'SELECT number FROM notes')).toEqual([{ number: 7 }]);
  });

  test('uses a server that is already running', async () => {
    await (await start({ port })).release();
    const second = await start();
    expect(second).toMatchObject({ startedHere: false, port });
  });

  test('works after a crash of the server', async () => {
    await killPostmaster(await start({ port }));
    const second = await start({ port });
    expect(second.startedHere).toBe(true);
    expect(await ask(second.url('kept'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('works when the pid in a stale lock file belongs to another program', async () => {
    await killPostmaster(await start({ port }));
    const [, ...rest] = readFileSync(lockFile, 'utf8').split('\n');
    writeFileSync(lockFile, [process.pid, ...rest].join('\n'));
    const second = await start({ port });
    expect(second.startedHere).toBe(true);
  });

  test('twice at once starts one server for both', async () => {
    const [one, other] = await Promise.all([start({ port }), start({ port })]);
    expect(other.port).toBe(one.port);
    expect([one.startedHere, other.startedHere].filter(Boolean)).toHaveLength(1);
  });

  test('refuses a requested port that is in use', async () => {
    const other = await occupy(await freePort());
    try {
      const { port: taken } = other.address() as { port: number };
      await expect(start({ port: taken })).rejects.toThrow(PortTakenError);
    } finally {
      other.close();
    }
  });

  test('changes a remembered port that is in use, reports it, and remembers the new one', async () => {
    const remembered = await freePort();
    writeFileSync(join(dataDirectory, 'stylizer-port'), String(remembered));
    const other = await occupy(remembered);
    const notices: string[] = [];
    const first = await start({ notice: (text) => notices.push(text) });
    other.close();
    expect(first.port).not.toBe(remembered);
    expect(notices.join()).toContain(`Port ${remembered} is in use`);
    await first.stop();
    expect((await start()).port).toBe(first.port);
  });

  test('requires the password', async () => {
    const url = new URL((await start({ port })).url('kept'));
    url.password = 'a guess';
    await expect(ask(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });
});

describe('stopping', () => {
  test('leaves a server that is still in use; the last user stops it', async () => {
    const one = await start({ port });
    const other = await start({ port });
    expect(await one.stop()).toBe('left running');
    expect(await ask(other.url('kept'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await other.stop()).toBe('stopped');
    await expect(ask(other.url('kept'), 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('does not hang when the server is dead', async () => {
    const postgres = await start({ port });
    await killPostmaster(postgres);
    expect(await postgres.stop()).toBe('stopped');
  });

  test('allows only one `make run` at a time on the same data', async () => {
    const one = await start({ port });
    const other = await start({ port });
    expect(await one.claimRun()).toBe(true);
    expect(await other.claimRun()).toBe(false);
  });
});
