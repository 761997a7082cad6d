import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { AuthHousekeeping } from '../../src/auth/auth-housekeeping.js';
import { registered } from '../factories/users.js';
import { useMailedApp } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';

const VERIFY = /^Verify/;

describe('verifying an e-mail address', () => {
  const { app, mailbox } = useMailedApp({ env: { PUBLIC_URL: 'https://stylizer.example/' } });

  const post = (path: string, body: object) => request(app.url).post(`/v1/auth/${path}`).send(body);
  const verify = (token: string) => post('verify-email', { token });
  const resend = (email: string) => post('verify-email/resend', { email });

  it('works with the token of the mail that registering sends, once', async () => {
    const user = await registered(app);
    const token = await mailbox.token(user.email, VERIFY);
    await verify(token).expect(204);
    const { body } = await user.get('/v1/me').expect(200);
    expect(body).toMatchObject({ email: user.email, emailVerified: true });
    expectProblem(await verify(token), 400, 'INVALID_TOKEN');
    expect(await transfersOf(app.dataSource, user.id)).toEqual({ signup_grant: [100] });
  });

  it('is asked for in text and HTML, with a link whose token no server sees, and the API call', async () => {
    const user = await registered(app);
    const mail = await mailbox.mail(user.email, VERIFY);
    const token = await mailbox.token(user.email, VERIFY);
    expect(mail.from?.text).toBe('"Stylizer" <no-reply@localhost>');
    expect(mail.messageId).toMatch(/^<[0-9a-f-]{36}@stylizer\.example>$/);
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    const link = `https://stylizer.example/verify-email#token=${token}`;
    for (const part of [
      user.email,
      link,
      'POST /v1/auth/verify-email',
      `{"token":"${token}"}`,
      '72 hours',
    ])
      expect(mail.text).toContain(part);
    expect(mail.html).toContain(`<a href="${link}">`);
    expect(mail.html).toContain(`{&quot;token&quot;:&quot;${token}&quot;}`);
  });

  it('takes the newest token only', async () => {
    const user = await registered(app);
    const first = await mailbox.token(user.email, VERIFY);
    await resend(user.email.toUpperCase()).expect(202);
    const second = await mailbox.token(user.email, VERIFY, 2);
    expectProblem(await verify(first), 400, 'INVALID_TOKEN');
    await verify(second).expect(204);
  });

  it('succeeds for one of ten who use a token at once', async () => {
    const user = await registered(app);
    const token = await mailbox.token(user.email, VERIFY);
    const answers = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(9).fill(400)]);
  });

  it('is refused with a token that is made up, expired, or for something else', async () => {
    const user = await registered(app);
    const token = await mailbox.token(user.email, VERIFY);
    await post('password/forgot', { email: user.email }).expect(202);
    const other = await mailbox.token(user.email, /new password/);
    await app.dataSource.query(
      `UPDATE one_time_tokens SET expires_at = now() WHERE user_id = $1 AND purpose = 'verify-email'`,
      [user.id],
    );
    for (const bad of [token, other, 'x', '\u0000', user.accessToken])
      expectProblem(await verify(bad), 400, 'INVALID_TOKEN');
    expect((await user.get('/v1/me')).body.emailVerified).toBe(false);
  });

  it('stores no token, neither with the account nor in the queue', async () => {
    const user = await registered(app);
    const token = await mailbox.token(user.email, VERIFY);
    const [row] = await app.dataSource.query<{ token_hash: Buffer }[]>(
      `SELECT token_hash FROM one_time_tokens WHERE user_id = $1`,
      [user.id],
    );
    expect(row?.token_hash).toEqual(createHash('sha256').update(token).digest());
    const jobs = await app.dataSource.query<{ data: object }[]>(
      `SELECT data, output FROM pgboss.job WHERE name = 'mail'`,
    );
    expect(jobs.length).toBeGreaterThan(0);
    expect(JSON.stringify(jobs)).not.toContain(token);
    expect(JSON.stringify(jobs)).not.toContain(user.email);
  });

  it('sends nothing to an unknown or a verified address, and answers the same', async () => {
    const user = await registered(app);
    await verify(await mailbox.token(user.email, VERIFY)).expect(204);
    const unknown = `${randomUUID()}@example.com`;
    const answers = [await resend(user.email), await resend(unknown)];
    for (const { status, text } of answers) expect([status, text]).toEqual([202, '']);
    // A later mail has overtaken those that will not come.
    const later = await registered(app);
    await mailbox.mail(later.email, VERIFY);
    expect(mailbox.of(user.email)).toHaveLength(1);
    expect(mailbox.of(unknown)).toHaveLength(0);
  });

  it('sends an address five mails in an hour at most, whether or not it has an account', async () => {
    const user = await registered(app);
    for (const email of [user.email, `${randomUUID()}@example.com`]) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => resend(email)));
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(5);
      const refused = await resend(email.toUpperCase());
      expectProblem(refused, 429, 'RATE_LIMITED');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3000);
    }
  });

  it.each([
    ['an unknown field', { token: 'x', userId: 'y' }],
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a token of 513 characters', { token: 'x'.repeat(513) }],
    ['a token that is a list', { token: ['x'] }],
  ])('refuses %s', async (_what, body) => {
    expectProblem(await post('verify-email', body), 400, 'VALIDATION_FAILED');
  });

  it('leaves expired tokens to the housekeeping, and keeps the others', async () => {
    const [past, current] = [await registered(app), await registered(app)];
    await app.dataSource.query(
      `UPDATE one_time_tokens SET expires_at = now() - interval '1 s' WHERE user_id = $1`,
      [past.id],
    );
    await app.app.get(AuthHousekeeping).run();
    const left = await app.dataSource.query(
      `SELECT user_id FROM one_time_tokens WHERE user_id IN ($1, $2)`,
      [past.id, current.id],
    );
    expect(left).toEqual([{ user_id: current.id }]);
  });
});

describe('with SIGN_UP_GRANT_AT=verification, verifying an address', () => {
  const { app, mailbox } = useMailedApp({ env: { SIGN_UP_GRANT_AT: 'verification' } });
  const post = (path: string, body: object) => request(app.url).post(`/v1/auth/${path}`).send(body);

  it('gives the sign-up grant, once, however the address is verified', async () => {
    const user = await registered(app);
    expect(await user.balance()).toEqual({ available: 0, held: 0 });
    const token = await mailbox.token(user.email, VERIFY);
    await post('password/forgot', { email: user.email }).expect(202);
    const reset = await mailbox.token(user.email, /new password/);
    const password = 'another horse battery';
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => post('verify-email', { token })),
      ...Array.from({ length: 5 }, () => post('password/reset', { token: reset, password })),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(2);
    expect(await transfersOf(app.dataSource, user.id)).toEqual({ signup_grant: [100] });
    await expectExactLedger(app.dataSource);
  });

  it('gives nothing to somebody who had it at registration', async () => {
    const user = await registered(app);
    await app.dataSource.query(
      `SELECT transfer_tokens('signup_grant', $1, 100, NULL, 'Sign-up grant')`,
      [user.id],
    );
    await post('verify-email', { token: await mailbox.token(user.email, VERIFY) }).expect(204);
    expect(await transfersOf(app.dataSource, user.id)).toEqual({ signup_grant: [100] });
  });
});
