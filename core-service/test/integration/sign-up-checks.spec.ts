import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { RateLimiter } from '../../src/auth/rate-limiter.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import { solve } from '../support/proof-of-work.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const PLAIN = { inference: new FakeInference(), worker: false };
const password = 'correct horse battery';
const register = ({ url }: TestApp, email = `${randomUUID()}@example.com`, proof?: unknown) =>
  request(url).post('/v1/auth/register').send({ email, password, proof });
const countUsers = async ({ dataSource }: TestApp): Promise<number> =>
  Number((await dataSource.query('SELECT count(*) FROM users'))[0].count);

describe('a sign-up', () => {
  const app = useTestApp(PLAIN);

  it('is open to any address, and asks for no proof, unless it is configured', async () => {
    await register(app, 'admin@mailinator.com').expect(201);
    const { body } = await request(app.url).get('/v1/auth/challenge').expect(200);
    expect(body.bits).toBe(0);
    await register(app, undefined, 'whatever').expect(201);
  });
});

describe('a sign-up where addresses are checked', () => {
  let app: TestApp;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stylizer-domains-'));
    const file = join(folder, 'domains.txt');
    await writeFile(file, '# ours\nBlocked.example\r\n\nmüll.example # umlaut\n');
    app = await startTestApp({
      ...PLAIN,
      env: {
        SIGN_UP_BLOCK_DISPOSABLE: 'true',
        SIGN_UP_BLOCK_ROLE_ADDRESSES: 'true',
        SIGN_UP_BLOCKED_DOMAINS_FILE: file,
      },
    });
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    'ada@mailinator.com',
    'ada@eu.MAILINATOR.com',
    'ada@blocked.example',
    'ada@mail.blocked.example',
    'ada@xn--mll-hoa.example',
    'postmaster@example.com',
    'Admin+1@example.com',
  ])('refuses %s', async (email) => {
    const before = await countUsers(app);
    expectProblem(await register(app, email), 422, 'EMAIL_NOT_ALLOWED');
    expect(await countUsers(app)).toBe(before);
  });

  it.each(['ada@example.com', 'ada.admin@example.com', 'ada@unblocked.example'])(
    'takes %s',
    async (email) => {
      await register(app, email).expect(201);
    },
  );

  it('does not start without its file', async () => {
    const env = { SIGN_UP_BLOCKED_DOMAINS_FILE: join(folder, 'absent.txt') };
    await expect(startTestApp({ ...PLAIN, env, databaseUrl: app.databaseUrl })).rejects.toThrow(
      /SIGN_UP_BLOCKED_DOMAINS_FILE/,
    );
  });
});

describe('a sign-up that takes a proof of work', () => {
  const BITS = 10;
  const app = useTestApp({ ...PLAIN, env: { SIGN_UP_PROOF_OF_WORK_BITS: String(BITS) } });
  const solved = async () => {
    const { body, headers } = await request(app.url).get('/v1/auth/challenge').expect(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toMatchObject({ bits: BITS, algorithm: 'SHA-256' });
    return solve(body.challenge, body.bits);
  };

  it('is refused without one', async () => {
    expectProblem(await register(app), 403, 'PROOF_OF_WORK_REQUIRED');
    expect(await countUsers(app)).toBe(0);
  });

  it('works with one, once', async () => {
    const proof = await solved();
    await register(app, undefined, proof).expect(201);
    expectProblem(await register(app, undefined, proof), 403, 'PROOF_OF_WORK_INVALID');
  });

  it('works once even if it is sent many times at once', async () => {
    const proof = await solved();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => register(app, undefined, proof)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('is refused with another counter on a used challenge', async () => {
    const proof = await solved();
    await register(app, undefined, proof).expect(201);
    const [challenge = '', counter] = proof.split(':');
    const again = solve(challenge, BITS, Number(counter) + 1);
    expect(again).not.toBe(proof);
    expectProblem(await register(app, undefined, again), 403, 'PROOF_OF_WORK_INVALID');
  });

  it.each(['', 'x', 'x'.repeat(201), '\u0000', 7, {}, [], null])('refuses %j', async (proof) => {
    const { status } = await register(app, undefined, proof);
    expect([400, 403]).toContain(status);
  });

  it('is forgotten when it has expired', async () => {
    await register(app, undefined, await solved()).expect(201);
    const count = () =>
      app.dataSource.query(`SELECT count(*)::int FROM rate_limits WHERE key LIKE 'proof:%'`);
    expect((await count())[0].count).toBeGreaterThan(0);
    await app.dataSource.query(`UPDATE rate_limits SET expire = expire - 600000`);
    await app.app.get(RateLimiter).deleteExpired(1_000);
    expect((await count())[0].count).toBe(0);
  });
});
