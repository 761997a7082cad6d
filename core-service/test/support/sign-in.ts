import { expect } from '@jest/globals';
import { OTP } from 'otplib';
import request from 'supertest';
import { SecretBox } from '../../src/common/secret-box.js';
import type { Message } from '../../src/mail/mail.js';
import type { TestUser } from '../factories/users.js';
import type { TestApp } from './test-app.js';

const STEP_SECONDS = 30;
const otp = new OTP({ strategy: 'totp' });

/** An authenticator app. */
export class AuthenticatorApp {
  constructor(readonly secret: string) {}

  /** @param steps from the present time step */
  code(steps = 0): Promise<string> {
    return otp.generate({ secret: this.secret, epoch: Date.now() / 1000 + steps * STEP_SECONDS });
  }
}

/** Sets one up; its codes of the present time step are still good. */
export async function withAuthenticatorApp(app: TestApp, user: TestUser) {
  const { body } = await user.post('/v1/me/totp').send({}).expect(200);
  const authenticator = new AuthenticatorApp(body.secret);
  const confirmed = await user
    .post('/v1/me/totp/confirm')
    .send({ code: await authenticator.code() })
    .expect(200);
  await forgetCodes(app, user);
  return { authenticator, recoveryCodes: confirmed.body.recoveryCodes as string[] };
}

/** As if enough time had passed that no code of now was used. */
export async function forgetCodes({ dataSource }: TestApp, { id }: TestUser): Promise<void> {
  await dataSource.query(`UPDATE totp_secrets SET last_step = 0 WHERE user_id = $1`, [id]);
}

export function login({ url }: Pick<TestApp, 'url'>, user: Pick<TestUser, 'email' | 'password'>) {
  return request(url).post('/v1/auth/login').send({ email: user.email, password: user.password });
}

/** Logs in as far as the second factor. */
export async function challengeOf(app: TestApp, user: TestUser): Promise<string> {
  const { body } = await login(app, user).expect(401);
  expect(body.code).toBe('SECOND_FACTOR_REQUIRED');
  return body.challenge;
}

/** The account's sessions are no longer fresh. */
export async function makeStale({ dataSource }: TestApp, { id }: { id: string }): Promise<void> {
  await dataSource.query(
    `UPDATE sessions SET created_at = now() - interval '11 minutes' WHERE user_id = $1`,
    [id],
  );
}

/** First lines of the mails about sign-ins that are waiting to be sent to the user, oldest first. */
export async function mailsTo(
  { app, dataSource }: TestApp,
  { email }: Pick<TestUser, 'email'>,
): Promise<string[]> {
  const rows = await dataSource.query<{ id: string; sealed: string }[]>(
    `SELECT id, data->>'sealed' AS sealed FROM pgboss.job WHERE name = 'mail' ORDER BY created_on, id`,
  );
  const box = app.get(SecretBox);
  return rows
    .map(({ id, sealed }) => JSON.parse(box.open(sealed, id).toString()) as Message)
    .filter(({ to, subject }) => to === email && subject.includes('sign in'))
    .map(({ text }) => text.split('\n', 1)[0] ?? '');
}
