import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import bcrypt from 'bcrypt';
import request from 'supertest';
import { registered } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';

describe('accounts', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });

  const post = (path: string, body: object) => request(app.url).post(`/v1/auth/${path}`).send(body);
  const register = (body: object) => post('register', body);
  const login = (email: string, password: string) => post('login', { email, password });
  const refresh = (refreshToken: string) => post('refresh', { refreshToken });
  const anEmail = () => `${randomUUID()}@example.com`;
  const password = 'correct horse battery';

  describe('registering', () => {
    it('returns the user and a working access token, and records the grant in the ledger', async () => {
      const email = anEmail();
      const { body } = await register({ email, password }).expect(201);
      expect(body).toEqual({
        user: {
          id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
          email,
          role: 'user',
          emailVerified: false,
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        },
        accessToken: expect.any(String),
        tokenType: 'Bearer',
        expiresIn: 900,
        refreshToken: expect.any(String),
      });
      const me = await client(app, body).get('/v1/me').expect(200);
      expect(me.body).toEqual(body.user);
      expect(await transfersOf(app.dataSource, body.user.id)).toEqual({ signup_grant: [100] });
    });

    it('is refused for an e-mail that has an account, in any case', async () => {
      const email = anEmail();
      await register({ email, password }).expect(201);
      const fullWidth = email.replace(/^./, (c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0));
      for (const same of [email, email.toUpperCase(), fullWidth])
        expectProblem(await register({ email: same, password }), 409, 'EMAIL_TAKEN');
    });

    it('makes one account with one grant from 20 registrations at once', async () => {
      const email = anEmail();
      const responses = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          register({ email: i % 2 ? email : email.toUpperCase(), password }),
        ),
      );
      const made = responses.filter(({ status }) => status === 201);
      expect(made).toHaveLength(1);
      for (const response of responses.filter(({ status }) => status !== 201))
        expectProblem(response, 409, 'EMAIL_TAKEN');
      const users = await app.dataSource.query<{ id: string }[]>(
        `SELECT id FROM users WHERE email = $1`,
        [email],
      );
      expect(users).toEqual([{ id: made[0]?.body.user.id }]);
      expect(await transfersOf(app.dataSource, String(users[0]?.id))).toEqual({
        signup_grant: [100],
      });
      await expectExactLedger(app.dataSource);
    });

    it.each([
      [9, 400],
      [10, 201],
      [128, 201],
      [129, 400],
    ])('with a password of %i characters answers %i', async (length, status) => {
      const response = await register({ email: anEmail(), password: 'é'.repeat(length) });
      if (status === 201) expect(response.status).toBe(201);
      else expectProblem(response, 400, 'WEAK_PASSWORD');
    });

    it.each([
      ['an unknown field', { role: 'operator' }, 'role'],
      ['an invalid e-mail', { email: 'ada' }, 'email'],
      [
        'an e-mail that is invalid once its full-width @ is normalized',
        { email: 'ada＠b@example.com' },
        'email',
      ],
      ['an e-mail with a null byte', { email: 'a\u0000da@example.com' }, 'email'],
      ['an e-mail that is a list', { email: ['ada@example.com'] }, 'email'],
      ['no password', { password: undefined }, 'password'],
      ['a password that is a number', { password: 1234567890 }, 'password'],
      ['a password of 1,025 characters', { password: 'x'.repeat(1025) }, 'password'],
      ['an e-mail of 255 characters', { email: `${'a'.repeat(243)}@example.com` }, 'email'],
    ])('refuses %s and names the field', async (_what, change, path) => {
      const response = await register({ email: anEmail(), password, ...change });
      expectProblem(response, 400, 'VALIDATION_FAILED');
      expect(response.body.errors.map((error: { path: string }) => error.path)).toContain(path);
    });

    it('refuses a body that is not a JSON object', async () => {
      for (const body of ['{"email":', '[]', '"x"', 'null', '']) {
        const response = await request(app.url)
          .post('/v1/auth/register')
          .set('content-type', 'application/json')
          .send(body);
        expectProblem(response, 400, 'VALIDATION_FAILED');
      }
    });
  });

  describe('logging in', () => {
    it('answers like registering, with a new session', async () => {
      const user = await registered(app);
      const { body } = await login(user.email.toUpperCase(), user.password).expect(200);
      expect(body).toMatchObject({
        user: { id: user.id, email: user.email },
        tokenType: 'Bearer',
        expiresIn: 900,
      });
      expect(body.refreshToken).not.toBe(user.refreshToken);
      await client(app, body).get('/v1/me').expect(200);
    });

    it('distinguishes passwords of 100 characters that differ after byte 72', async () => {
      const email = anEmail();
      const start = 'p'.repeat(80);
      await register({ email, password: start + 'a'.repeat(20) }).expect(201);
      await login(email, start + 'a'.repeat(20)).expect(200);
      expectProblem(await login(email, start + 'b'.repeat(20)), 401, 'INVALID_CREDENTIALS');
    });

    it('refuses an unknown e-mail and a wrong password with the same answer', async () => {
      const user = await registered(app);
      const answers = await Promise.all([
        login(user.email, 'not the password'),
        login(anEmail(), 'not the password'),
      ]);
      const [wrong, unknown] = answers.map(({ body, headers, status }) => ({
        status,
        body: { ...body, requestId: 'any' },
        headers: Object.keys(headers).sort(),
      }));
      expect(answers.map(({ body }) => body.code)).toEqual([
        'INVALID_CREDENTIALS',
        'INVALID_CREDENTIALS',
      ]);
      expect(wrong).toEqual(unknown);
    });

    it('does the same work for an unknown e-mail as for a wrong password', async () => {
      const user = await registered(app);
      const compare = jest.spyOn(bcrypt, 'compare');
      const hash = jest.spyOn(bcrypt, 'hash');
      const workOf = async (email: string) => {
        compare.mockClear();
        hash.mockClear();
        await login(email, 'not the password').expect(401);
        return {
          comparedAtCost: compare.mock.calls.map(([, known]) => bcrypt.getRounds(String(known))),
          hashed: hash.mock.calls.length,
        };
      };
      try {
        const work = { comparedAtCost: [app.config.BCRYPT_COST], hashed: 0 };
        expect(await workOf(user.email)).toEqual(work);
        expect(await workOf(anEmail())).toEqual(work);
      } finally {
        compare.mockRestore();
        hash.mockRestore();
      }
    });

    it('stores neither passwords nor refresh tokens in plain text', async () => {
      const user = await registered(app);
      const [row] = await app.dataSource.query<Record<string, unknown>[]>(
        `SELECT u.password_hash, t.token_hash FROM users u
           JOIN sessions s ON s.user_id = u.id JOIN refresh_tokens t ON t.session_id = s.id
          WHERE u.id = $1`,
        [user.id],
      );
      expect(row).toEqual({
        password_hash: expect.stringMatching(/^\$2b\$/),
        token_hash: createHash('sha256').update(user.refreshToken).digest(),
      });
    });
  });

  describe('refreshing', () => {
    it('gives a new pair each time, and the new ones work', async () => {
      const user = await registered(app);
      const first = await refresh(user.refreshToken).expect(200);
      expect(first.body).toMatchObject({ user: { id: user.id }, tokenType: 'Bearer' });
      expect(first.body.refreshToken).not.toBe(user.refreshToken);
      expect(first.body.accessToken).not.toBe(user.accessToken);
      await client(app, first.body).get('/v1/me').expect(200);
      await refresh(first.body.refreshToken).expect(200);
    });

    it('with a used token revokes its whole family, and no other session', async () => {
      const user = await registered(app);
      const other = await login(user.email, user.password).expect(200);
      const second = await refresh(user.refreshToken).expect(200);
      const third = await refresh(second.body.refreshToken).expect(200);

      expectProblem(await refresh(user.refreshToken), 401, 'REFRESH_TOKEN_REUSED');
      expectProblem(await refresh(third.body.refreshToken), 401, 'INVALID_REFRESH_TOKEN');
      expectProblem(await refresh(second.body.refreshToken), 401, 'REFRESH_TOKEN_REUSED');
      await refresh(other.body.refreshToken).expect(200);
    });

    it('with one token ten times at once succeeds once and revokes the family', async () => {
      const user = await registered(app);
      const responses = await Promise.all(
        Array.from({ length: 10 }, () => refresh(user.refreshToken)),
      );
      const good = responses.filter(({ status }) => status === 200);
      expect(good).toHaveLength(1);
      for (const response of responses.filter(({ status }) => status !== 200))
        expectProblem(response, 401, 'REFRESH_TOKEN_REUSED');
      expectProblem(await refresh(good[0]?.body.refreshToken), 401, 'INVALID_REFRESH_TOKEN');
    });

    it('is refused for a token that is unknown, expired, or an access token', async () => {
      const user = await registered(app);
      await app.dataSource.query(
        `UPDATE refresh_tokens SET expires_at = now()
          WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
        [user.id],
      );
      for (const token of ['unknown', user.accessToken, user.refreshToken])
        expectProblem(await refresh(token), 401, 'INVALID_REFRESH_TOKEN');
    });
  });

  describe('logging out', () => {
    it('ends the session, its newest token included, and no other session', async () => {
      const user = await registered(app);
      const other = await login(user.email, user.password).expect(200);
      const { body } = await refresh(user.refreshToken).expect(200);
      await post('logout', { refreshToken: body.refreshToken }).expect(204);
      expectProblem(await refresh(body.refreshToken), 401, 'INVALID_REFRESH_TOKEN');
      await refresh(other.body.refreshToken).expect(200);
    });

    it('succeeds a second time, and for an unknown token', async () => {
      const user = await registered(app);
      for (const refreshToken of [user.refreshToken, user.refreshToken, 'unknown'])
        await post('logout', { refreshToken }).expect(204);
    });
  });
});
