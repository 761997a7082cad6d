import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { AuthHousekeeping } from '../../src/auth/auth-housekeeping.js';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import {
  type AuthenticatorApp,
  challengeOf,
  forgetCodes,
  login,
  mailsTo,
  makeStale,
  withAuthenticatorApp,
} from '../support/sign-in.js';

const app = useTestApp({ inference: new FakeInference(), worker: false });
const user = useUser(app, beforeEach);

const answer = (challenge: string, proof: object) =>
  request(app.url)
    .post('/v1/auth/second-factor')
    .send({ challenge, ...proof });
/** Problem bodies with further members. */
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) =>
  `${status} ${body.code ?? ''}`.trim();
const wrong = async (authenticator: AuthenticatorApp) => {
  const near = await Promise.all([-2, -1, 0, 1, 2].map((steps) => authenticator.code(steps)));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find(
    (code) => !near.includes(code),
  );
};
const status = async (who: TestUser = user) => (await who.get('/v1/me/totp').expect(200)).body;

describe('setting up an authenticator app', () => {
  it('answers the secret and a URI, and counts only once a code was seen', async () => {
    const { body } = await user.post('/v1/me/totp').send({}).expect(200);
    expect(body).toEqual({
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      uri: `otpauth://totp/Stylizer:${encodeURIComponent(user.email)}?secret=${body.secret}&issuer=Stylizer`,
    });
    expect(await status()).toEqual({ enabled: false, recoveryCodesLeft: 0 });
    await login(app, user).expect(200);
  });

  it('gives ten different recovery codes at its confirmation, and stores neither them nor the secret as they are', async () => {
    const { authenticator, recoveryCodes } = await withAuthenticatorApp(app, user);
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
    expect(await status()).toEqual({ enabled: true, recoveryCodesLeft: 10 });

    const rows = JSON.stringify(
      await app.dataSource.query(
        `SELECT t.*, encode(r.code_hash, 'escape') AS code FROM totp_secrets t
           JOIN recovery_codes r USING (user_id) WHERE user_id = $1`,
        [user.id],
      ),
    );
    expect(rows).toContain('derived.');
    for (const secret of [authenticator.secret, ...recoveryCodes])
      expect(rows).not.toContain(secret);
  });

  it('starts over when it is repeated before the confirmation, and is refused after it', async () => {
    const first = await user.post('/v1/me/totp').send({}).expect(200);
    const { authenticator } = await withAuthenticatorApp(app, user);
    expect(authenticator.secret).not.toBe(first.body.secret);
    expectProblem(await user.post('/v1/me/totp').send({}), 409, 'TOTP_ENABLED');
    const code = await authenticator.code();
    expectProblem(await user.post('/v1/me/totp/confirm').send({ code }), 409, 'TOTP_ENABLED');
  });

  it('is not confirmed by a wrong code, nor without a setup', async () => {
    expectProblem(
      await user.post('/v1/me/totp/confirm').send({ code: '123456' }),
      409,
      'TOTP_NOT_ENABLED',
    );
    await user.post('/v1/me/totp').send({}).expect(200);
    expectProblem(
      await user.post('/v1/me/totp/confirm').send({ code: '123456' }),
      401,
      'INVALID_CODE',
    );
    await login(app, user).expect(200);
  });

  it('needs the password once the sign-in is more than ten minutes old', async () => {
    await makeStale(app, user);
    expectProblem(await user.post('/v1/me/totp').send({}), 403, 'REAUTHENTICATION_REQUIRED');
    expectProblem(
      await user.post('/v1/me/totp').send({ password: 'not the password' }),
      401,
      'INVALID_CREDENTIALS',
    );
    await user.post('/v1/me/totp').send({ password: user.password }).expect(200);
  });

  it('limits guesses of the password by a stolen access token', async () => {
    const guesses = await Promise.all(
      Array.from({ length: app.config.RATE_LIMIT_LOGIN_FAILURES + 5 }, () =>
        user.post('/v1/me/totp').send({ password: 'not the password' }),
      ),
    );
    expect(guesses.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ['no code', {}, 'code'],
    ['a code of five digits', { code: '12345' }, 'code'],
    ['a code of other digits', { code: '１２３４５６' }, 'code'],
    ['a code that is a number', { code: 123456 }, 'code'],
    ['an unknown field', { code: '123456', userId: 'x' }, 'userId'],
  ])('refuses %s', async (_what, body, path) => {
    const response = await user.post('/v1/me/totp/confirm').send(body);
    expectProblem(response, 400, 'VALIDATION_FAILED');
    expect(response.body.errors[0].path).toBe(path);
  });
});

describe('logging in with an authenticator app', () => {
  let authenticator: AuthenticatorApp;
  let recoveryCodes: string[];
  beforeEach(async () => {
    ({ authenticator, recoveryCodes } = await withAuthenticatorApp(app, user));
  });

  it('answers a challenge, which a code turns into a session', async () => {
    const first = await login(app, user).expect(401);
    expect(first.body).toMatchObject({
      code: 'SECOND_FACTOR_REQUIRED',
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      methods: ['totp', 'recovery-code'],
    });
    expect(first.headers['content-type']).toMatch(/^application\/problem\+json/);
    const second = await answer(first.body.challenge, { code: await authenticator.code() });
    expect(second.status).toBe(200);
    expect(second.body).toMatchObject({ user: { id: user.id }, tokenType: 'Bearer' });
    await client(app, second.body).get('/v1/me').expect(200);
  });

  it('says nothing of the second factor to whoever does not know the password', async () => {
    expectProblem(
      await login(app, { ...user, password: 'not the password' }),
      401,
      'INVALID_CREDENTIALS',
    );
  });

  it('accepts the codes of one time step before and after, and no others', async () => {
    // In the middle of a time step, so that none ends while a code is on its way.
    const now = Math.floor(Date.now() / 30_000) * 30_000 + 15_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    for (const [steps, expected] of [
      [-3, '401 INVALID_CODE'],
      [-1, '200'],
      [1, '200'],
      [3, '401 INVALID_CODE'],
    ] as const) {
      await forgetCodes(app, user);
      const challenge = await challengeOf(app, user);
      const code = await authenticator.code(steps);
      expect(codeOf(await answer(challenge, { code }))).toBe(expected);
    }
    clock.mockRestore();
  });

  it('accepts a code once, however often it is sent at the same time', async () => {
    const challenges = await Promise.all(Array.from({ length: 4 }, () => challengeOf(app, user)));
    const code = await authenticator.code();
    const answers = await Promise.all(challenges.map((challenge) => answer(challenge, { code })));
    expect(answers.map(codeOf).sort()).toEqual([
      '200',
      '401 INVALID_CODE',
      '401 INVALID_CODE',
      '401 INVALID_CODE',
    ]);
    const earlier = await authenticator.code(-1);
    const late = await answer(await challengeOf(app, user), { code: earlier });
    expectProblem(late, 401, 'INVALID_CODE');
  });

  it('accepts a challenge once, with ten different recovery codes at the same time', async () => {
    const challenge = await challengeOf(app, user);
    const answers = await Promise.all(
      recoveryCodes.map((recoveryCode) => answer(challenge, { recoveryCode })),
    );
    expect(answers.map(codeOf).sort()).toEqual(['200', ...Array(9).fill('401 INVALID_CHALLENGE')]);
    expect(await status()).toEqual({ enabled: true, recoveryCodesLeft: 9 });
  });

  it('accepts each recovery code once, in any case', async () => {
    const recoveryCode = String(recoveryCodes[0]).toUpperCase();
    await answer(await challengeOf(app, user), { recoveryCode }).expect(200);
    const again = await answer(await challengeOf(app, user), { recoveryCode });
    expectProblem(again, 401, 'INVALID_CODE');
  });

  it('survives four wrong codes and ends with the fifth', async () => {
    const challenge = await challengeOf(app, user);
    const recoveryCode = 'aaaa-aaaa-aaaa-aaaa';
    for (let tries = 0; tries < 4; tries++)
      expectProblem(await answer(challenge, { recoveryCode }), 401, 'INVALID_CODE');
    const good = await challengeOf(app, user);
    for (let tries = 0; tries < 4; tries++)
      expectProblem(await answer(good, { recoveryCode }), 401, 'INVALID_CODE');
    await answer(good, { recoveryCode: recoveryCodes[0] }).expect(200);

    expectProblem(await answer(challenge, { recoveryCode }), 401, 'INVALID_CODE');
    expectProblem(
      await answer(challenge, { recoveryCode: recoveryCodes[1] }),
      401,
      'INVALID_CHALLENGE',
    );
  });

  it('makes guesses of codes wait across challenges, but not the recovery codes', async () => {
    const code = await wrong(authenticator);
    const guesses = [];
    for (let tries = 0; tries < 5; tries++)
      guesses.push(codeOf(await answer(await challengeOf(app, user), { code })));
    expect(guesses).toEqual(Array(5).fill('401 INVALID_CODE'));

    const challenge = await challengeOf(app, user);
    const blocked = await answer(challenge, { code: await authenticator.code() });
    expectProblem(blocked, 429, 'RATE_LIMITED');
    const seconds = Number(blocked.headers['retry-after']);
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThanOrEqual(30);
    await answer(challenge, { recoveryCode: recoveryCodes[0] }).expect(200);
  });

  it('doubles that wait with each further failure, up to an hour, and forgets it after a right code', async () => {
    const code = await wrong(authenticator);
    const waits: number[] = [];
    for (const failures of [5, 6, 30]) {
      await app.dataSource.query(
        `UPDATE totp_secrets SET failures = $2, blocked_until = now() WHERE user_id = $1`,
        [user.id, failures],
      );
      await answer(await challengeOf(app, user), { code }).expect(401);
      const blocked = await answer(await challengeOf(app, user), { code });
      waits.push(Number(blocked.headers['retry-after']));
    }
    for (const [index, wait] of [60, 120, 3600].entries()) {
      expect(waits[index]).toBeGreaterThan(wait - 10);
      expect(waits[index]).toBeLessThanOrEqual(wait);
    }
    await app.dataSource.query(`UPDATE totp_secrets SET blocked_until = now()`);
    await answer(await challengeOf(app, user), { code: await authenticator.code() }).expect(200);
    expectProblem(await answer(await challengeOf(app, user), { code }), 401, 'INVALID_CODE');
    expectProblem(await answer(await challengeOf(app, user), { code }), 401, 'INVALID_CODE');
  });

  it('counts every one of ten wrong codes that are sent at the same time', async () => {
    const code = await wrong(authenticator);
    const challenges = await Promise.all(Array.from({ length: 10 }, () => challengeOf(app, user)));
    const answers = await Promise.all(challenges.map((challenge) => answer(challenge, { code })));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });

  it("does not open another user's account", async () => {
    const other = await registered(app);
    const theirs = await withAuthenticatorApp(app, other);
    const challenge = await challengeOf(app, user);
    for (const proof of [
      { code: await theirs.authenticator.code() },
      { recoveryCode: theirs.recoveryCodes[0] },
    ])
      expectProblem(await answer(challenge, proof), 401, 'INVALID_CODE');
    expect((await status(other)).recoveryCodesLeft).toBe(10);
  });

  it('is refused for a challenge that is unknown, expired, or of another purpose', async () => {
    const recoveryCode = recoveryCodes[0];
    const [expired, other] = [await challengeOf(app, user), await challengeOf(app, user)];
    await app.dataSource.query(
      `UPDATE sign_in_tickets SET expires_at = now() WHERE token_hash = sha256($1::bytea)`,
      [Buffer.from(expired)],
    );
    await app.dataSource.query(
      `UPDATE sign_in_tickets SET purpose = 'oidc' WHERE token_hash = sha256($1::bytea)`,
      [Buffer.from(other)],
    );
    for (const challenge of ['x'.repeat(43), expired, other])
      expectProblem(await answer(challenge, { recoveryCode }), 401, 'INVALID_CHALLENGE');
    await app.app.get(AuthHousekeeping).run();
    const [left] = await app.dataSource.query(
      `SELECT count(*)::int AS expired FROM sign_in_tickets WHERE expires_at <= now()`,
    );
    expect(left).toEqual({ expired: 0 });
  });

  it('is refused with no answer, with two, and with text that no code can be', async () => {
    const challenge = await challengeOf(app, user);
    const code = await authenticator.code();
    for (const proof of [
      {},
      { code, recoveryCode: recoveryCodes[0] },
      { code: '12345\u0000' },
      { recoveryCode: 'x'.repeat(1_000) },
      { code, challenge: `${'x'.repeat(42)}\u0000` },
    ])
      expectProblem(await answer(challenge, proof), 400, 'VALIDATION_FAILED');
    const { body } = await answer(challenge, { recoveryCode: 'x' });
    expect(body.errors).toEqual([
      { path: 'recoveryCode', message: 'must look like abcd-efgh-2345-6723' },
    ]);
    await answer(challenge, { code }).expect(200);
  });
});

describe('changing the second factor', () => {
  let authenticator: AuthenticatorApp;
  let recoveryCodes: string[];
  beforeEach(async () => {
    ({ authenticator, recoveryCodes } = await withAuthenticatorApp(app, user));
  });

  it('replaces the recovery codes', async () => {
    const code = await authenticator.code();
    const { body } = await user.post('/v1/me/recovery-codes').send({ code }).expect(200);
    expect(body.recoveryCodes).toHaveLength(10);
    const challenge = await challengeOf(app, user);
    const old = await answer(challenge, { recoveryCode: recoveryCodes[0] });
    expectProblem(old, 401, 'INVALID_CODE');
    await answer(challenge, { recoveryCode: body.recoveryCodes[0] }).expect(200);
  });

  it.each([
    ['a code', async () => ({ code: await authenticator.code() })],
    ['a recovery code', () => Promise.resolve({ recoveryCode: recoveryCodes[3] })],
  ])('removes it with %s, after which a login needs none', async (_what, proof) => {
    await user
      .delete('/v1/me/totp')
      .send(await proof())
      .expect(204);
    await login(app, user).expect(200);
    expect(await status()).toEqual({ enabled: false, recoveryCodesLeft: 0 });
    expectProblem(
      await user.delete('/v1/me/totp').send({ code: '123456' }),
      409,
      'TOTP_NOT_ENABLED',
    );
  });

  it('is refused without a right code, and without the password when the sign-in is old', async () => {
    const code = await wrong(authenticator);
    expectProblem(await user.delete('/v1/me/totp').send({ code }), 401, 'INVALID_CODE');
    await makeStale(app, user);
    for (const change of [user.delete('/v1/me/totp'), user.post('/v1/me/recovery-codes')])
      expectProblem(
        await change.send({ code: await authenticator.code() }),
        403,
        'REAUTHENTICATION_REQUIRED',
      );
    expect(await status()).toEqual({ enabled: true, recoveryCodesLeft: 10 });
    await user
      .delete('/v1/me/totp')
      .send({ password: user.password, code: await authenticator.code() })
      .expect(204);
  });

  it('is told to the owner by mail, but only if it happened', async () => {
    const code = await authenticator.code();
    await user.post('/v1/me/recovery-codes').send({ code }).expect(200);
    await user.post('/v1/me/recovery-codes').send({ code }).expect(401);
    await user.delete('/v1/me/totp').send({ recoveryCode: recoveryCodes[0] }).expect(401);
    await forgetCodes(app, user);
    await user.delete('/v1/me/totp').send({ code }).expect(204);
    expect(await mailsTo(app, user)).toEqual([
      'An authenticator app was added to your account.',
      'New recovery codes were made for your account.',
      'The authenticator app was removed from your account.',
    ]);
  });

  it('touches no other account', async () => {
    const other = await registered(app);
    await withAuthenticatorApp(app, other);
    await user
      .delete('/v1/me/totp')
      .send({ code: await authenticator.code() })
      .expect(204);
    expect(await status(other)).toEqual({ enabled: true, recoveryCodesLeft: 10 });
  });
});
