import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import request, { type Response } from 'supertest';
import { RateLimiter } from '../../src/auth/rate-limiter.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';

const WRONG = 'not the password';

describe('logins to one account from many addresses', () => {
  const app = useTestApp({
    inference: new FakeInference(),
    worker: false,
    // Lets each request name its client's address.
    env: { TRUSTED_PROXIES: '1' },
  });
  let user: TestUser;
  let now = Date.now();
  beforeAll(() => {
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterAll(() => void jest.restoreAllMocks());
  beforeEach(async () => {
    user = await registered(app);
  });

  let addresses = 0;
  const elsewhere = () => `198.51.${addresses >> 8}.${addresses++ & 255}`;
  const login = (password: string, address = elsewhere(), email = user.email) =>
    request(app.url)
      .post('/v1/auth/login')
      .set('x-forwarded-for', address)
      .send({ email, password });
  const guess = async (times: number, email = user.email): Promise<Response[]> =>
    Promise.all(Array.from({ length: times }, () => login(WRONG, elsewhere(), email)));
  /** Moves the clock, which stands still otherwise. */
  const pass = (seconds: number) => {
    now += seconds * 1000;
  };
  const expectDelay = (response: Response, seconds: number) => {
    expectProblem(response, 429, 'RATE_LIMITED');
    expect(response.headers['retry-after']).toBe(String(seconds));
  };

  it('may fail ten times, even if forty come at once', async () => {
    const answers = await guess(40);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    for (const answer of answers.filter(({ status }) => status !== 401)) expectDelay(answer, 1);
  });

  it('then wait twice as long after each failure, up to 15 minutes', async () => {
    await guess(10);
    for (const delay of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      pass(delay - 1);
      // Within the delay not even the right password is looked at …
      expectDelay(await login(user.password), 1);
      pass(1);
      // … and after it one guess is, and a next one is not.
      expectProblem(await login(WRONG), 401, 'INVALID_CREDENTIALS');
      expectDelay(await login(WRONG), Math.min(delay * 2, 900));
    }
  });

  it('end the delay when one succeeds', async () => {
    await guess(10);
    pass(1);
    await login(user.password).expect(200);
    for (const { status } of await guess(10)) expect(status).toBe(401);
  });

  it('are forgotten after a quiet hour', async () => {
    await guess(10);
    pass(3_602);
    for (const { status } of await guess(10)) expect(status).toBe(401);
  });

  it('do not lock the owner out where they logged in before', async () => {
    const home = elsewhere();
    await login(user.password, home).expect(200);
    await guess(20);
    expectDelay(await login(user.password), 1);
    for (let i = 0; i < 3; i++) await login(user.password, home).expect(200);
    // Nor do the owner's logins give the others more guesses.
    expectDelay(await login(WRONG), 1);
  });

  it('still count failures at a known address, by address and e-mail', async () => {
    const home = elsewhere();
    await login(user.password, home).expect(200);
    const answers = await Promise.all(Array.from({ length: 40 }, () => login(WRONG, home)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(30);
  });

  it('let the owner in again after a reset of the password', async () => {
    const away = elsewhere();
    await guess(20);
    expectDelay(await login(user.password, away), 1);
    await app.app.get(RateLimiter).loginSucceeded(away, user.email);
    await guess(20);
    await login(user.password, away).expect(200);
  });

  it('are the same for an account that does not exist', async () => {
    const answers = await guess(20, 'nobody@example.com');
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    for (const answer of answers.filter(({ status }) => status !== 401)) expectDelay(answer, 1);
  });

  it('do not delay another account', async () => {
    await guess(20);
    const other = await registered(app);
    await login(other.password, elsewhere(), other.email).expect(200);
  });

  it('count an IPv6 customer as one client, and leave no address in the database', async () => {
    await login(user.password, '2001:db8:1:2::1').expect(200);
    await guess(20);
    await login(user.password, '2001:db8:1:2:aaaa:bbbb:cccc:dddd').expect(200);
    expectDelay(await login(user.password, '2001:db8:1:3::1'), 1);
    const keys = await app.dataSource.query<{ key: string }[]>(
      `SELECT key FROM rate_limits WHERE key LIKE 'login%'`,
    );
    expect(keys.length).toBeGreaterThan(0);
    for (const { key } of keys) expect(key).toMatch(/^login(-account|-known)?:[\w-]{43}$/);
  });
});
