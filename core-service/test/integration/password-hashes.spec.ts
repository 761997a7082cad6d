import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('the stored hash of a password', () => {
  let bcryptApp: TestApp;
  let argon2App: TestApp;
  beforeAll(async () => {
    const options = { inference: new FakeInference(), worker: false };
    bcryptApp = await startTestApp(options);
    argon2App = await startTestApp({
      ...options,
      databaseUrl: bcryptApp.databaseUrl,
      env: { PASSWORD_HASH: 'argon2id' },
    });
  });
  afterAll(async () => {
    await argon2App.close();
    await bcryptApp.close();
  });

  const login = ({ url }: TestApp, { email }: TestUser, password: string) =>
    request(url).post('/v1/auth/login').send({ email, password });
  const hashOf = async ({ id }: TestUser): Promise<string> => {
    const [row] = await bcryptApp.dataSource.query(
      `SELECT password_hash FROM users WHERE id = $1`,
      [id],
    );
    return row.password_hash;
  };

  it('becomes Argon2id at the next login where that is configured, and works on', async () => {
    const user = await registered(bcryptApp);
    expect(await hashOf(user)).toMatch(/^\$2b\$/);
    const logins = await Promise.all(
      Array.from({ length: 5 }, () => login(argon2App, user, user.password)),
    );
    expect(logins.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const hash = await hashOf(user);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    await login(argon2App, user, user.password).expect(200);
    expect(await hashOf(user)).toBe(hash);
  });

  it('stays when the password was wrong', async () => {
    const user = await registered(bcryptApp);
    expectProblem(await login(argon2App, user, 'not the password'), 401, 'INVALID_CREDENTIALS');
    expect(await hashOf(user)).toMatch(/^\$2b\$/);
  });

  it('is Argon2id for a new account there, and becomes bcrypt when the choice is taken back', async () => {
    const user = await registered(argon2App);
    expect(await hashOf(user)).toMatch(/^\$argon2id\$/);
    await login(bcryptApp, user, user.password).expect(200);
    expect(await hashOf(user)).toMatch(/^\$2b\$04\$/);
    await login(bcryptApp, user, user.password).expect(200);
  });
});
