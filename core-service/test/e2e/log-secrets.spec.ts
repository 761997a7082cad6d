import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import request from 'supertest';
import { freePort } from '../../../scripts/postgres/free-port.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { InferenceProxy } from '../support/inference-proxy.js';
import { ask } from '../support/postgres-ask.js';
import { type ServiceProcess, startService } from '../support/service-process.js';
import { TEST_SECRET, testEnvironment } from '../support/test-app.js';
import { until } from '../support/until.js';

/** Whom the service is told to serve, by a proxy. */
const ADDRESS = '203.0.113.77';
const SMTP_PASSWORD = 'the-password-of-the-mail-server';

describe('the whole log of a service at its most talkative', () => {
  const inference = new InferenceProxy();
  let storage: string;
  let database: TestDatabase;
  let core: ServiceProcess;
  let smtp: SMTPServer;
  const mails: { to: string; text: string }[] = [];
  /** What must not be in the log, by what it is. */
  const secrets = new Map<string, string>();

  beforeAll(async () => {
    const port = await freePort();
    smtp = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      onAuth: ({ username }, _session, done) => done(null, { user: username }),
      onData: (stream, _session, done) => {
        void simpleParser(stream).then(({ to, text }) => {
          mails.push({ to: String([to].flat()[0]?.text), text: String(text) });
          done();
        });
      },
      disabledCommands: ['STARTTLS'],
    });
    smtp.listen(port, '127.0.0.1');
    await inference.up();
    database = await createTestDatabase('migrated');
    storage = await mkdtemp(join(tmpdir(), 'stylizer-log-'));
    core = await startService('core-service/src/main.ts', {
      ...testEnvironment(database.url, storage),
      LOG_LEVEL: 'trace',
      INFERENCE_URL: inference.url,
      TRUSTED_PROXIES: '1',
      SMTP_URL: `smtp://mailer:${SMTP_PASSWORD}@127.0.0.1:${port}?requireTLS=false`,
    });
    await visit();
    await core.stop();
  }, 120_000);
  afterAll(async () => {
    await new Promise<void>((done) => smtp.close(() => done()));
    await inference.down();
    await database.drop();
    await rm(storage, { recursive: true, force: true });
  });

  const post = (path: string, body: object | string) =>
    request(core.url)
      .post(path)
      .set('x-forwarded-for', ADDRESS)
      .set('content-type', 'application/json')
      .send(body);
  const keep = (user: { email?: string; password?: string }, session: Record<string, string>) => {
    const about = `${user.email ?? 'somebody'}`;
    if (user.email) secrets.set(`an e-mail (${secrets.size})`, user.email);
    if (user.password) secrets.set(`a password (${secrets.size})`, user.password);
    for (const name of ['accessToken', 'refreshToken'])
      if (session[name]) secrets.set(`the ${name} of ${about} (${secrets.size})`, session[name]);
  };

  /** The main path and its refusals, and what goes wrong inside. */
  const visit = async () => {
    const password = 'Tr0ub4dor-and-3-horses';
    const email = 'grace.hopper+log@example.com';
    const { body: first } = await post('/v1/auth/register', { email, password }).expect(201);
    keep({ email, password }, first);
    await post('/v1/auth/register', { email, password }).expect(409);
    await post('/v1/auth/register', { email: [email], password: { password } }).expect(400);
    await post('/v1/auth/login', `{"email":"${email}","password":"${password}`).expect(400);
    await post('/v1/auth/login', `${password}`).expect(400);
    await post(`/v1/auth/login?email=${email}&password=${password}`, {}).expect(400);
    const wrong = 'a-password-that-is-wrong';
    secrets.set('a wrong password', wrong);
    await post('/v1/auth/login', { email, password: wrong }).expect(401);
    const { body: second } = await post('/v1/auth/login', { email, password }).expect(200);
    keep({}, second);
    const { body: third } = await post('/v1/auth/refresh', second).expect(400);
    expect(third.code).toBe('VALIDATION_FAILED');
    const { refreshToken } = second;
    const { body: fourth } = await post('/v1/auth/refresh', { refreshToken }).expect(200);
    keep({}, fourth);
    await post('/v1/auth/refresh', { refreshToken }).expect(401);
    await post('/v1/auth/logout', { refreshToken: fourth.refreshToken }).expect(204);

    const user: TestUser = { ...(await registered(core)), ...client(core, first) };
    const photo = await picture({ width: 48, height: 48 });
    await user.submit(photo).set('x-forwarded-for', ADDRESS).expect(201);
    await user.submit(Buffer.from('not an image')).expect(415);
    await user.createStyle(photo).expect(201);
    inference.conduct = 'reject';
    await user.submit(photo).expect((answer) => expect(answer.status).toBeGreaterThanOrEqual(400));
    inference.conduct = 'pass';
    await user.get(`/v1/nothing?access_token=${first.accessToken}`).expect(404);
    for (const authorization of ['Basic Z3JhY2U6aG9wcGVy', `Bearer ${first.accessToken}x`])
      await request(core.url).get('/v1/me').set({ authorization, cookie: 'a=b-secret-cookie' });
    secrets.set('a forged credential', 'Z3JhY2U6aG9wcGVy').set('a cookie', 'b-secret-cookie');

    await user.post('/v1/me/export').expect(202);
    await user.delete('/v1/me').send({ password }).expect(202);
    const mail = await until(
      () => mails.find(({ text }) => text.includes('auth/restore')),
      (found) => found !== undefined,
    );
    const token = /"token":\s*"([\w-]{43})"/.exec(String(mail?.text))?.[1] ?? '';
    expect(token).toHaveLength(43);
    secrets.set('the token of a mail', token);
    await post('/v1/auth/restore', { token }).expect(204);

    // The database refuses what the code did not expect.
    await ask(database.url, `ALTER TABLE users ADD CONSTRAINT odd CHECK (email !~ 'odd')`);
    const odd = { email: 'odd.person@example.com', password: 'odd-password-4711' };
    await post('/v1/auth/register', odd).expect(500);
    keep(odd, {});
    await ask(database.url, `ALTER TABLE sessions RENAME COLUMN user_id TO odd`);
    await post('/v1/auth/login', { email, password }).expect(500);
  };

  it('has the requests and the failures in it', () => {
    const log = core.output();
    expect(log).toContain('"route":"/v1/auth/register"');
    expect(log).toContain('request failed');
    expect(log.length).toBeGreaterThan(10_000);
  });

  it('has no password, token, e-mail or address of anybody in it, and no secret of the service', () => {
    const log = core.output();
    secrets
      .set('the secret of access tokens', TEST_SECRET)
      .set('the password of the mail server', SMTP_PASSWORD)
      .set("the client's address", ADDRESS)
      .set('the password of the database', new URL(database.url).password);
    expect(secrets.size).toBeGreaterThan(15);
    const found = [...secrets]
      .filter(([, secret]) => secret.length > 0 && log.includes(secret))
      .map(([what, secret]) => `${what}: ${context(log, secret)}`);
    expect(found).toEqual([]);
  });

  it('has nothing in it that looks like one', () => {
    const log = core.output();
    const patterns = {
      'a JWT': /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/,
      'an e-mail': /[\w.+-]+@example\.com/,
      'a bearer token': /bearer [\w-]{20,}/i,
      'a bcrypt hash': /\$2[aby]\$\d\d\$/,
      'an API key': /stz_live_\w+/,
    };
    const found = Object.entries(patterns)
      .map(([what, pattern]) => [what, pattern.exec(log)?.[0]] as const)
      .filter(([, secret]) => secret !== undefined)
      .map(([what, secret]) => `${what}: ${context(log, String(secret))}`);
    expect(found).toEqual([]);
  });
});

function context(log: string, secret: string): string {
  const at = log.indexOf(secret);
  return log.slice(Math.max(0, at - 200), at + secret.length + 50);
}
