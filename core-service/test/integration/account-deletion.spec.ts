import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { AccountHousekeeping } from '../../src/account-data/account-housekeeping.js';
import { DeletionService } from '../../src/account-data/deletion/deletion.service.js';
import { Mail, type Message } from '../../src/mail/mail.js';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { ended } from '../support/outcome.js';
import { expectProblem } from '../support/problems.js';
import { storedFiles } from '../support/traces.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;

describe('deleting an account', () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference });
  const mails: Message[] = [];
  beforeAll(() => {
    const mail = app.app.get(Mail);
    const send = mail.send.bind(mail);
    jest.spyOn(mail, 'send').mockImplementation((manager, message) => {
      mails.push(message);
      return send(manager, message);
    });
  });
  afterEach(async () => {
    await expectExactLedger(app.dataSource);
    await app.dataSource.query(`DELETE FROM account_deletions WHERE done_at IS NULL`);
  });

  const ask = (user: TestUser, body: object = { password: user.password }) =>
    user.delete('/v1/me').send(body);
  const login = ({ email, password }: Pick<TestUser, 'email' | 'password'>) =>
    request(app.url).post('/v1/auth/login').send({ email, password });
  const restore = (body: object) => request(app.url).post('/v1/auth/restore').send(body);
  const filesOf = async (ids: string[]) =>
    (await storedFiles(app)).filter((file) => ids.some((id) => file.includes(id)));
  const untilNoFiles = (...ids: string[]) =>
    until(
      () => filesOf(ids),
      (files) => files.length === 0,
    );
  const mailsTo = (email: string): Message[] =>
    mails.filter(({ to, subject }) => to === email && subject.includes('deleted'));
  const tokensTo = (email: string): string[] =>
    mailsTo(email).map(({ text }) => /"token":"([\w-]{43})"/.exec(text)?.[1] ?? 'none');
  /** Seven days later. */
  const carryOut = async (user: TestUser) => {
    await app.dataSource.query(
      `UPDATE account_deletions SET deletes_at = now() WHERE user_id = $1`,
      [user.id],
    );
    await app.app.get(AccountHousekeeping).run();
  };
  const rowOf = async (user: TestUser) =>
    (await app.dataSource.query(`SELECT * FROM users WHERE id = $1`, [user.id]))[0];

  it('ends all sessions and deletes all images at once, and the rest after seven days', async () => {
    const user = await registered(app);
    const photo = await picture();
    const style = (await user.createStyle(photo).expect(201)).body.id;
    const done = (await user.submit(photo).expect(201)).body.id;
    const exported = (await user.post('/v1/me/export').expect(202)).body.id;
    await until(
      () => filesOf([exported]),
      (files) => files.length === 1,
    );
    const other = (await login(user).expect(200)).body;
    expect(await filesOf([style, done])).toHaveLength(4);

    const { body } = await ask(user).expect(202);
    expect(body).toEqual({ deletesAt: expect.any(String) });
    const days = (Date.parse(body.deletesAt) - Date.now()) / DAY_MS;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThanOrEqual(7);
    expectProblem(await user.get('/v1/me'), 401, 'UNAUTHENTICATED');
    for (const { refreshToken } of [user, other])
      expectProblem(
        await request(app.url).post('/v1/auth/refresh').send({ refreshToken }),
        401,
        'INVALID_REFRESH_TOKEN',
      );
    await untilNoFiles(style, done, exported);

    // Not before its time.
    await app.app.get(AccountHousekeeping).run();
    expect((await rowOf(user)).email).toBe(user.email);
    await carryOut(user);
    expect(await rowOf(user)).toMatchObject({
      email: expect.stringMatching(/^deleted-[0-9a-f-]{36}@deleted\.invalid$/),
      password_hash: null,
      email_verified: false,
    });
    expectProblem(await login(user), 401, 'INVALID_CREDENTIALS');
    expectProblem(await restore({ token: tokensTo(user.email)[0] }), 401, 'INVALID_CREDENTIALS');
  });

  it('keeps ledger and transformations without a trace of the person, and returns the tokens', async () => {
    const user = await registered(app);
    await user.createStyle(await picture(), 'Aunt Ada').expect(201);
    const done = (await user.submit(await picture()).set('idempotency-key', 'mine')).body.id;
    await ask(user).expect(202);
    await carryOut(user);

    expect(await transfersOf(app.dataSource, user.id)).toEqual({
      signup_grant: [100],
      hold: [5, 10],
      settle: [5, 10],
      refund: [85],
    });
    await expectExactLedger(app.dataSource);
    const [kept] = await app.dataSource.query(
      `SELECT status, images_deleted_at IS NOT NULL AS "imagesDeleted" FROM transformations
        WHERE id = $1`,
      [done],
    );
    expect(kept).toEqual({ status: 'completed', imagesDeleted: true });

    // Wherever the user is still referred to, nothing else than ids, numbers, times and our own words is left.
    const tables = await app.dataSource.query<{ name: string }[]>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    for (const { name } of tables) {
      const rows = await app.dataSource.query(`SELECT * FROM ${name}`);
      const text = JSON.stringify(rows);
      for (const trace of [user.email, 'Aunt Ada', 'mine'])
        expect(`${name}: ${text.includes(trace)}`).toBe(`${name}: false`);
    }
    for (const table of ['sessions', 'idempotency_keys', 'account_exports'])
      expect(
        await app.dataSource.query(`SELECT FROM ${table} WHERE user_id = $1`, [user.id]),
      ).toEqual([]);
  });

  it('leaves the e-mail to whoever registers it next, with a new account', async () => {
    const user = await registered(app);
    const again = () =>
      request(app.url)
        .post('/v1/auth/register')
        .send({ email: user.email, password: user.password });
    await ask(user).expect(202);
    expectProblem(await again(), 409, 'EMAIL_TAKEN');
    await carryOut(user);
    const { body } = await again().expect(201);
    expect(body.user.id).not.toBe(user.id);
  });

  it('is undone by password or by the token of the mail, as often as asked', async () => {
    const user = await registered(app);
    const { email, password } = user;
    await ask(user).expect(202);
    await restore({ email, password }).expect(204);
    await restore({ email, password }).expect(204);
    const session = (await login(user).expect(200)).body;
    expect(await user.delete('/v1/me').send({ password })).toHaveProperty('status', 401);

    await request(app.url)
      .delete('/v1/me')
      .auth(session.accessToken, { type: 'bearer' })
      .send({ password })
      .expect(202);
    const tokens = tokensTo(email);
    expect(tokens).toHaveLength(2);
    expectProblem(await restore({ token: tokens[0] }), 401, 'INVALID_CREDENTIALS');
    await restore({ token: tokens[1] }).expect(204);
    await login(user).expect(200);
    await carryOut(user);
    expect((await rowOf(user)).email).toBe(email);
  });

  it('tells of the deletion at a login with the right password only', async () => {
    const user = await registered(app);
    await ask(user).expect(202);
    const right = await login(user);
    expectProblem(right, 403, 'ACCOUNT_DELETED');
    expect(right.body.detail).toContain('POST /v1/auth/restore');
    const bodies = await Promise.all(
      [user.email, `${randomUUID()}@example.com`].flatMap((email) =>
        [login, restore].map(async (call) => {
          const answer = await call({ email, password: 'not the password' });
          return { ...answer.body, instance: '', requestId: '' };
        }),
      ),
    );
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  });

  it('wants the password, which cannot be guessed without end', async () => {
    const user = await registered(app);
    expectProblem(await ask(user, {}), 400, 'VALIDATION_FAILED');
    expectProblem(await user.delete('/v1/me'), 400, 'VALIDATION_FAILED');
    const wrong = { password: 'not the password' };
    expectProblem(await ask(user, wrong), 401, 'INVALID_CREDENTIALS');
    let answer = await ask(user, wrong);
    for (let i = 0; answer.status === 401 && i < app.config.RATE_LIMIT_LOGIN_FAILURES; i++)
      answer = await ask(user, wrong);
    expectProblem(answer, 429, 'RATE_LIMITED');
    await user.get('/v1/me').expect(200);
  });

  it('wants a fresh sign-in from an account without a password', async () => {
    const user = await registered(app);
    await app.dataSource.query(`UPDATE users SET password_hash = '' WHERE id = $1`, [user.id]);
    const age = (minutes: number) =>
      app.dataSource.query(
        `UPDATE sessions SET created_at = now() - make_interval(mins => $2) WHERE user_id = $1`,
        [user.id, minutes],
      );
    await age(11);
    expectProblem(await ask(user, {}), 403, 'REAUTHENTICATION_REQUIRED');
    await age(9);
    await ask(user, {}).expect(202);
  });

  it('cancels what waits, lets what runs end, and deletes its images then', async () => {
    const user = await registered(app);
    const { begun, release } = inference.holdNext();
    const running = await user.enqueue(await picture());
    await begun;
    await ask(user).expect(202);
    await until(
      async () =>
        (
          await app.dataSource.query<{ due: boolean }[]>(
            `SELECT images_expire_at <= now() AS due FROM transformations WHERE id = $1`,
            [running],
          )
        )[0]?.due,
      (due) => due === true,
    );
    // Its time comes while the run goes on: nothing is erased before its end.
    await carryOut(user);
    expect((await rowOf(user)).email).toBe(user.email);
    release();
    await ended(app, running);
    await app.app.get(Housekeeping).run();
    expect(await filesOf([running])).toEqual([]);
    await carryOut(user);
    expect((await rowOf(user)).email).toMatch(/^deleted-/);
    expect(await transfersOf(app.dataSource, user.id)).toMatchObject({
      settle: [10],
      refund: [90],
    });
  });

  it('happens once, however often it is asked for and carried out at the same time', async () => {
    const user = await registered(app);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(user)));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(new Set(accepted.map(({ body }) => body.deletesAt)).size).toBe(1);
    await app.dataSource.query(
      `UPDATE account_deletions SET deletes_at = now() WHERE user_id = $1`,
      [user.id],
    );
    await Promise.all([1, 2, 3].map(() => app.app.get(DeletionService).carryOut(user.id)));
    expect(await transfersOf(app.dataSource, user.id)).toEqual({
      signup_grant: [100],
      refund: [100],
    });
  });

  it('leaves no session to a login at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const user = await registered(app);
      await Promise.all([ask(user).expect(202), login(user), login(user), login(user)]);
      const live = await app.dataSource.query(
        `SELECT FROM sessions WHERE user_id = $1 AND revoked_at IS NULL`,
        [user.id],
      );
      expect(live).toEqual([]);
    }
  });

  it('mails what will happen and how to undo it', async () => {
    const user = await registered(app);
    await ask(user).expect(202);
    const [{ text, html } = { text: '', html: '' }] = mailsTo(user.email);
    for (const part of [text, html]) {
      expect(part).toContain('POST /v1/auth/restore');
      expect(part).toContain(`${app.config.PUBLIC_URL}/restore#token=`);
    }
    expect(html).not.toMatch(/[^&#\d]"token/);
  });

  it.each([
    ['nothing', {}],
    ['both', { email: 'a@example.com', password: 'x', token: 'x'.repeat(43) }],
    ['a token that is none', { token: 'x' }],
    ['a role', { email: 'a@example.com', password: 'x', role: 'operator' }],
    ['lists', { email: ['a@example.com'], password: ['x'] }],
    ['a null byte', { token: '\u0000'.repeat(43) }],
  ])('refuses to restore by %s', async (_what, body) => {
    expectProblem(await restore(body), 400, 'VALIDATION_FAILED');
  });
});
