import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { AuthHousekeeping } from '../../src/auth/auth-housekeeping.js';
import { registered, type TestUser } from '../factories/users.js';
import { useMailedApp } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';

const OLD = /^Confirm the change/;
const NEW = /^Confirm your new/;

describe('changing the e-mail address', () => {
  const { app, mailbox } = useMailedApp();

  const post = (path: string, body: object) => request(app.url).post(`/v1/auth/${path}`).send(body);
  const anEmail = () => `${randomUUID()}@example.com`;
  const change = (user: TestUser, email: string, password = user.password) =>
    user.put('/v1/me/email').send({ email, password });
  const confirm = (token: string) => post('email/confirm', { token });
  const tokens = async (user: TestUser, email: string, count = 1) => ({
    old: await mailbox.token(user.email, OLD, count),
    fresh: await mailbox.token(email, NEW),
  });
  const me = async (user: TestUser) => (await user.get('/v1/me').expect(200)).body;

  it.each(['old', 'fresh'] as const)(
    'happens when both addresses have confirmed, the %s one first',
    async (first) => {
      const user = await registered(app);
      const email = anEmail();
      await change(user, email.toUpperCase()).expect(202);
      const { old, fresh } = await tokens(user, email);
      const [one, other] = first === 'old' ? [old, fresh] : [fresh, old];
      expect((await confirm(one).expect(200)).body).toEqual({ changed: false });
      expect(await me(user)).toMatchObject({ email: user.email, emailVerified: false });
      expect((await confirm(other).expect(200)).body).toEqual({ changed: true });
      expect(await me(user)).toMatchObject({ id: user.id, email, emailVerified: true });
      for (const token of [one, other]) expectProblem(await confirm(token), 400, 'INVALID_TOKEN');
      const { password } = user;
      await post('login', { email, password }).expect(200);
      expectProblem(
        await post('login', { email: user.email, password }),
        401,
        'INVALID_CREDENTIALS',
      );
      await mailbox.mail(user.email, /address was changed/);
    },
  );

  it('happens once when both confirm at the same time', async () => {
    const user = await registered(app);
    const email = anEmail();
    await change(user, email).expect(202);
    const { old, fresh } = await tokens(user, email);
    const answers = await Promise.all([old, fresh, old, fresh].map(confirm));
    const good = answers.filter(({ status }) => status === 200).map(({ body }) => body.changed);
    expect(good.sort()).toEqual([false, true]);
    expect(await me(user)).toMatchObject({ email });
  });

  it('names both addresses in both mails, escaped', async () => {
    const user = await registered(app);
    const email = `o'brien&sons-${randomUUID()}@example.com`;
    await change(user, email).expect(202);
    const old = await mailbox.mail(user.email, OLD);
    const fresh = await mailbox.mail(email, NEW);
    expect(old.text).toContain(email);
    expect(old.html).toContain(email.replace("'", '&#39;').replace('&s', '&amp;s'));
    expect(fresh.text).toContain(user.email);
    expect(fresh.html).toContain('/confirm-email#token=');
  });

  it('answers the same for an address that has an account, and is refused to whoever confirms it', async () => {
    const [user, other] = [await registered(app), await registered(app)];
    const answers = [await change(user, anEmail()), await change(user, other.email)];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [202, ''],
      [202, ''],
    ]);
    const { old, fresh } = await tokens(user, other.email, 2);
    await confirm(old).expect(200);
    expectProblem(await confirm(fresh), 409, 'EMAIL_TAKEN');
    expect(await me(user)).toMatchObject({ email: user.email });
    expect(await me(other)).toMatchObject({ email: other.email });
  });

  it('is ended by a newer change', async () => {
    const user = await registered(app);
    const [one, other] = [anEmail(), anEmail()];
    await change(user, one).expect(202);
    const first = await tokens(user, one);
    await confirm(first.fresh).expect(200);
    await change(user, other).expect(202);
    const second = await tokens(user, other, 2);
    expectProblem(await confirm(first.old), 400, 'INVALID_TOKEN');
    // What the first new address confirmed does not count for the second.
    expect((await confirm(second.old).expect(200)).body).toEqual({ changed: false });
    expect((await confirm(second.fresh).expect(200)).body).toEqual({ changed: true });
    expect(await me(user)).toMatchObject({ email: other });
  });

  it('is ended by a new password', async () => {
    const user = await registered(app);
    const email = anEmail();
    await change(user, email).expect(202);
    const { old, fresh } = await tokens(user, email);
    const body = { currentPassword: user.password, newPassword: 'another horse battery' };
    await user.put('/v1/me/password').send(body).expect(204);
    for (const token of [old, fresh]) expectProblem(await confirm(token), 400, 'INVALID_TOKEN');
  });

  it('ends tokens that were sent to the old address', async () => {
    const user = await registered(app);
    const email = anEmail();
    await post('password/forgot', { email: user.email }).expect(202);
    const reset = await mailbox.token(user.email, /new password/);
    const verification = await mailbox.token(user.email, /^Verify/);
    await change(user, email).expect(202);
    const { old, fresh } = await tokens(user, email);
    await confirm(old).expect(200);
    await confirm(fresh).expect(200);
    const password = 'another horse battery';
    expectProblem(await post('password/reset', { token: reset, password }), 400, 'INVALID_TOKEN');
    expectProblem(await post('verify-email', { token: verification }), 400, 'INVALID_TOKEN');
  });

  it('needs the password, and another address', async () => {
    const user = await registered(app);
    expectProblem(await change(user, anEmail(), 'not it at all'), 401, 'INVALID_CREDENTIALS');
    expectProblem(await change(user, user.email.toUpperCase()), 400, 'VALIDATION_FAILED');
    for (const email of ['ada', 'a\u0000b@example.com', 'a@b.example\r\nBcc: c@d.example'])
      expectProblem(await change(user, email), 400, 'VALIDATION_FAILED');
  });

  it('that nobody confirms is deleted', async () => {
    const user = await registered(app);
    await change(user, anEmail()).expect(202);
    await app.dataSource.query(`UPDATE email_changes SET expires_at = now() WHERE user_id = $1`, [
      user.id,
    ]);
    const { old } = { old: await mailbox.token(user.email, OLD) };
    expectProblem(await confirm(old), 400, 'INVALID_TOKEN');
    await app.app.get(AuthHousekeeping).run();
    const left = await app.dataSource.query(`SELECT FROM email_changes WHERE user_id = $1`, [
      user.id,
    ]);
    expect(left).toEqual([]);
  });
});
