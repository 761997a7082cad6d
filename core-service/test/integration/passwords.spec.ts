import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { useMailedApp } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';

const RESET = /^Set a new password/;
const CHANGED = /password was changed/;
const PASSWORD = 'another horse battery';

describe('a new password', () => {
  const { app, mailbox } = useMailedApp();

  const post = (path: string, body: object) => request(app.url).post(`/v1/auth/${path}`).send(body);
  const login = (email: string, password: string) => post('login', { email, password });
  const forgot = (email: string) => post('password/forgot', { email });
  const reset = (token: string, password = PASSWORD) => post('password/reset', { token, password });
  const refresh = (user: { refreshToken: string }) =>
    post('refresh', { refreshToken: user.refreshToken });
  const change = (user: TestUser, body: object) => user.put('/v1/me/password').send(body);
  const resetToken = async (user: TestUser) => {
    await forgot(user.email).expect(202);
    return mailbox.token(user.email, RESET);
  };

  describe('set with a mail', () => {
    it('replaces the old one, ends all sessions and their access tokens, verifies the address', async () => {
      const user = await registered(app);
      const other = (await login(user.email, user.password).expect(200)).body;
      await reset(await resetToken(user)).expect(204);
      for (const session of [user, other]) {
        expectProblem(await client(app, session).get('/v1/me'), 401, 'UNAUTHENTICATED');
        expectProblem(await refresh(session), 401, 'INVALID_REFRESH_TOKEN');
      }
      expectProblem(await login(user.email, user.password), 401, 'INVALID_CREDENTIALS');
      const { body } = await login(user.email, PASSWORD).expect(200);
      expect(body.user).toMatchObject({ id: user.id, emailVerified: true });
      const notice = await mailbox.mail(user.email, CHANGED);
      expect(notice.text).toContain('POST /v1/auth/password/forgot');
      expect(notice.text).not.toContain('#token=');
    });

    it('says in the mail how, as page and as API call', async () => {
      const user = await registered(app);
      const token = await resetToken(user);
      const { text, html } = await mailbox.mail(user.email, RESET);
      const link = `http://localhost:8000/reset-password#token=${token}`;
      for (const part of [link, 'POST /v1/auth/password/reset', 'one hour'])
        expect(text).toContain(part);
      expect(html).toContain(`<a href="${link}">`);
    });

    it('is set once, though ten use the token at once', async () => {
      const user = await registered(app);
      const token = await resetToken(user);
      const passwords = Array.from({ length: 10 }, (_, i) => `horse battery number ${i}`);
      const answers = await Promise.all(passwords.map((password) => reset(token, password)));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(9).fill(400)]);
      const winner = passwords[answers.findIndex(({ status }) => status === 204)];
      await login(user.email, String(winner)).expect(200);
    });

    it('leaves the token good when it is too weak', async () => {
      const user = await registered(app);
      const token = await resetToken(user);
      expectProblem(await reset(token, 'short'), 400, 'WEAK_PASSWORD');
      expectProblem(await reset(token, user.email), 400, 'WEAK_PASSWORD');
      await reset(token).expect(204);
    });

    it('is refused with a token that is unknown, replaced or expired', async () => {
      const user = await registered(app);
      const first = await resetToken(user);
      await forgot(user.email).expect(202);
      const second = await mailbox.token(user.email, RESET, 2);
      const verification = await mailbox.token(user.email, /^Verify/);
      await app.dataSource.query(
        `UPDATE one_time_tokens SET expires_at = now()
          WHERE user_id = $1 AND purpose = 'reset-password'`,
        [user.id],
      );
      for (const token of ['unknown', first, second, verification])
        expectProblem(await reset(token), 400, 'INVALID_TOKEN');
      await login(user.email, user.password).expect(200);
    });

    it('is asked for with the same answer for an unknown address, which gets no mail', async () => {
      const unknown = `${randomUUID()}@example.com`;
      const user = await registered(app);
      const answers = [await forgot(unknown), await forgot(user.email)];
      const [one, other] = answers.map(({ status, text, headers }) => ({
        status,
        text,
        headers: Object.keys(headers).sort(),
      }));
      expect(one).toEqual(other);
      expect(one?.status).toBe(202);
      await mailbox.mail(user.email, RESET);
      expect(mailbox.of(unknown)).toEqual([]);
    });
  });

  describe('set with the old one', () => {
    it('ends the other sessions and keeps this one', async () => {
      const user = await registered(app);
      const other = (await login(user.email, user.password).expect(200)).body;
      const body = { currentPassword: user.password, newPassword: PASSWORD };
      await change(user, body).expect(204);
      await user.get('/v1/me').expect(200);
      await refresh(user).expect(200);
      expectProblem(await client(app, other).get('/v1/me'), 401, 'UNAUTHENTICATED');
      expectProblem(await refresh(other), 401, 'INVALID_REFRESH_TOKEN');
      expectProblem(await login(user.email, user.password), 401, 'INVALID_CREDENTIALS');
      await login(user.email, PASSWORD).expect(200);
      await mailbox.mail(user.email, CHANGED);
    });

    it('is refused without the right old one, or if it is weak, naming the field', async () => {
      const user = await registered(app);
      const wrong = { currentPassword: 'not the password', newPassword: PASSWORD };
      expectProblem(await change(user, wrong), 401, 'INVALID_CREDENTIALS');
      const weak = await change(user, { currentPassword: user.password, newPassword: 'short' });
      expectProblem(weak, 400, 'WEAK_PASSWORD');
      expect(weak.body.errors[0].path).toBe('newPassword');
      await login(user.email, user.password).expect(200);
    });

    it('is set once by ten who know the old one', async () => {
      const user = await registered(app);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          change(user, { currentPassword: user.password, newPassword: `${PASSWORD} ${i}` }),
        ),
      );
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    });

    it('ends a reset that was asked for before', async () => {
      const user = await registered(app);
      const token = await resetToken(user);
      const body = { currentPassword: user.password, newPassword: PASSWORD };
      await change(user, body).expect(204);
      expectProblem(await reset(token, 'a third horse battery'), 400, 'INVALID_TOKEN');
    });

    it('needs a session', async () => {
      const sent = request(app.url).put('/v1/me/password');
      const body = { currentPassword: 'x', newPassword: PASSWORD };
      expectProblem(await sent.send(body), 401, 'UNAUTHENTICATED');
    });
  });

  it('lets no login with the old one that began before end after it', async () => {
    const user = await registered(app);
    const body = { currentPassword: user.password, newPassword: PASSWORD };
    const [changed, ...logins] = await Promise.all([
      change(user, body),
      ...Array.from({ length: 20 }, () => login(user.email, user.password)),
    ]);
    expect(changed?.status).toBe(204);
    for (const { status, body: session } of logins.filter(({ status }) => status === 200)) {
      expect(status).toBe(200);
      expectProblem(await refresh(session), 401, 'INVALID_REFRESH_TOKEN');
    }
  });
});
