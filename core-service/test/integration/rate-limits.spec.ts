import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('rate limits, over two replicas on one database', () => {
  let replicas: [TestApp, TestApp];
  const env = {
    RATE_LIMIT_REGISTER_PER_MINUTE: '6',
    RATE_LIMIT_LOGIN_FAILURES: '4',
    RATE_LIMIT_SUBMIT_PER_MINUTE: '3',
    // Lets each test use its own client address.
    TRUSTED_PROXIES: '1',
  };
  beforeAll(async () => {
    const options = { inference: new FakeInference(), worker: false, env };
    const first = await startTestApp(options);
    replicas = [first, await startTestApp({ ...options, databaseUrl: first.databaseUrl })];
  });
  afterAll(async () => {
    const [first, second] = replicas;
    await second.close();
    await first.close();
  });

  const post = (replica: number, path: string, body: object, address: string) =>
    request(String(replicas[replica % 2]?.url))
      .post(`/v1/auth/${path}`)
      .set('x-forwarded-for', address)
      .send(body);
  const expectLimited = (response: Response, mostSeconds: number) => {
    expectProblem(response, 429, 'RATE_LIMITED');
    const seconds = Number(response.headers['retry-after']);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(mostSeconds);
  };
  const password = 'correct horse battery';

  it('allow 6 of 12 simultaneous registrations from one address, and those from another', async () => {
    const register = (i: number, address: string) =>
      post(i, 'register', { email: `${randomUUID()}@example.com`, password }, address);
    const responses = await Promise.all(
      Array.from({ length: 12 }, (_, i) => register(i, '192.0.2.1')),
    );
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(6);
    for (const response of responses.filter(({ status }) => status !== 201))
      expectLimited(response, 60);
    await register(0, '192.0.2.2').expect(201);
  });

  it('stop guessing after 4 wrong passwords, even in parallel', async () => {
    const user = await registered(replicas[0]);
    const login = (i: number, guess: string, address = '192.0.2.3') =>
      post(i, 'login', { email: user.email, password: guess }, address);
    const guesses = await Promise.all(
      Array.from({ length: 10 }, (_, i) => login(i, `wrong guess ${i}`)),
    );
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(4);
    for (const response of guesses.filter(({ status }) => status !== 401))
      expectLimited(response, 15 * 60);
    // Neither the right password nor another spelling of the e-mail helps now …
    expectLimited(await login(0, user.password), 15 * 60);
    const shouted = { email: user.email.toUpperCase(), password: user.password };
    expectLimited(await post(1, 'login', shouted, '192.0.2.3'), 15 * 60);
    // … and the user is not locked out at another address.
    await login(1, user.password, '192.0.2.4').expect(200);
  });

  it('reset wrong passwords after a correct login', async () => {
    const user = await registered(replicas[0]);
    for (let round = 0; round < 3; round++) {
      for (const [i, guess] of ['wrong', 'wrong', 'wrong'].entries())
        await post(i, 'login', { email: user.email, password: guess }, '192.0.2.5').expect(401);
      const { email, password: right } = user;
      await post(round, 'login', { email, password: right }, '192.0.2.5').expect(200);
    }
  });

  it('count submissions per user', async () => {
    const [one, other] = [await registered(replicas[0]), await registered(replicas[0])];
    const image = await picture();
    const submit = (i: number, user: typeof one) =>
      client(i % 2 ? replicas[1] : replicas[0], user)
        .submit(image)
        .set('prefer', 'respond-async');
    const responses = await Promise.all(Array.from({ length: 6 }, (_, i) => submit(i, one)));
    expect(responses.filter(({ status }) => status === 202)).toHaveLength(3);
    for (const response of responses.filter(({ status }) => status !== 202))
      expectLimited(response, 60);
    await submit(0, other).expect(202);
    expect(await client(replicas[0], one).balance()).toEqual({ available: 70, held: 30 });
  });
});
