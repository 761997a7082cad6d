import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { CLIENT, OpenIdProvider } from '../support/openid-provider.js';
import { expectProblem } from '../support/problems.js';
import { login, mailsTo, makeStale, withAuthenticatorApp } from '../support/sign-in.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const HERE = 'http://localhost:8000/auth/callback';
const THERE = 'https://app.example.com/signed-in';

/** One tells claims in its id tokens, the other at its userinfo endpoint. */
const keycloak = new OpenIdProvider();
const google = new OpenIdProvider();
const away = new OpenIdProvider();
const app = {} as TestApp;

beforeAll(async () => {
  await keycloak.up([HERE, THERE], { claimsInIdToken: true });
  await google.up([HERE, THERE], { claimsInIdToken: false });
  await away.up([HERE], { claimsInIdToken: true });
  await away.down();
  const OIDC_PROVIDERS = JSON.stringify([
    { id: 'keycloak', name: 'Keycloak', issuer: keycloak.issuer, ...CLIENT },
    { id: 'google', name: 'Google', issuer: google.issuer, ...CLIENT },
    { id: 'away', name: 'Away', issuer: away.issuer, ...CLIENT },
    { id: 'wrong', name: 'Wrong', issuer: google.issuer, ...CLIENT, clientSecret: 'not this' },
  ]);
  const env = { OIDC_PROVIDERS, OIDC_REDIRECT_URIS: `${HERE}, ${THERE}` };
  Object.assign(app, await startTestApp({ env, inference: new FakeInference(), worker: false }));
});
afterAll(async () => {
  await app.close();
  await keycloak.down();
  await google.down();
});

/** Somebody with an account at both providers. */
function somebody(change: { email?: string; email_verified?: boolean } = {}) {
  const subject = randomUUID();
  const claims = { email: `${subject}@example.com`, email_verified: true, ...change };
  for (const provider of [keycloak, google]) provider.accounts.set(subject, claims);
  return { subject, email: claims.email };
}
const post = (path: string, body: object = {}) => request(app.url).post(path).send(body);
const started = async (id = 'keycloak', body: object = {}) =>
  (await post(`/v1/auth/oidc/${id}/start`, body).expect(200)).body;
const visit = (url: string, subject: string) =>
  (url.startsWith(keycloak.issuer) ? keycloak : google).visit(url, subject);
const callback = (id: string, body: object) => post(`/v1/auth/oidc/${id}/callback`, body);
async function signIn(subject: string, id = 'keycloak') {
  const { authorizationUrl, flowToken } = await started(id);
  return callback(id, { flowToken, ...(await visit(authorizationUrl, subject)) });
}
async function link(user: TestUser, subject: string, id = 'keycloak') {
  const { body } = await user.post(`/v1/me/identities/${id}/start`).send({}).expect(200);
  const answer = await visit(body.authorizationUrl, subject);
  return user.post(`/v1/me/identities/${id}`).send({ flowToken: body.flowToken, ...answer });
}
/** A registered user whose address was verified. */
async function verified(): Promise<TestUser> {
  const user = await registered(app);
  await app.dataSource.query(`UPDATE users SET email_verified = true WHERE id = $1`, [user.id]);
  return user;
}

describe('the providers', () => {
  it('are listed without their secrets', async () => {
    const { body } = await request(app.url).get('/v1/auth/providers').expect(200);
    expect(body.items).toEqual([
      { id: 'keycloak', name: 'Keycloak' },
      { id: 'google', name: 'Google' },
      { id: 'away', name: 'Away' },
      { id: 'wrong', name: 'Wrong' },
    ]);
  });

  it('are not found under another id', async () => {
    expectProblem(await post('/v1/auth/oidc/github/start'), 404, 'PROVIDER_NOT_FOUND');
    expectProblem(await post('/v1/auth/oidc/..%00/start'), 400, 'VALIDATION_FAILED');
  });

  it('may be away, or refuse this service, without an error of ours', async () => {
    const away = await post('/v1/auth/oidc/away/start');
    expectProblem(away, 503, 'PROVIDER_UNAVAILABLE');
    expect(Number(away.headers['retry-after'])).toBeGreaterThan(0);
    expectProblem(await signIn(somebody().subject, 'wrong'), 503, 'PROVIDER_UNAVAILABLE');
  });
});

describe('beginning to sign in', () => {
  it('asks for a code with PKCE, state and nonce, all of which differ each time', async () => {
    const [first, second] = [await started(), await started()];
    const query = Object.fromEntries(new URL(first.authorizationUrl).searchParams);
    expect(query).toEqual({
      client_id: 'stylizer',
      response_type: 'code',
      redirect_uri: HERE,
      scope: 'openid email profile',
      state: first.state,
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    const other = new URL(second.authorizationUrl).searchParams;
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(other.get(name)).not.toBe(query[name]);
    expect(first.authorizationUrl).not.toContain(first.flowToken);
    const stored = JSON.stringify(await app.dataSource.query(`SELECT * FROM sign_in_tickets`));
    for (const secret of [first.flowToken, first.state, query.nonce ?? 'none'])
      expect(stored).not.toContain(secret);
  });

  it('goes back to a configured redirect URI and to no other', async () => {
    const { authorizationUrl, flowToken } = await started('keycloak', { redirectUri: THERE });
    expect(new URL(authorizationUrl).searchParams.get('redirect_uri')).toBe(THERE);
    const answer = await visit(authorizationUrl, somebody().subject);
    await callback('keycloak', { flowToken, ...answer }).expect(200);
    for (const redirectUri of [
      `${HERE}/`,
      `${HERE}?x=1`,
      'https://evil.example.com/',
      '',
      'x\u0000',
    ])
      expectProblem(
        await post('/v1/auth/oidc/keycloak/start', { redirectUri }),
        400,
        'VALIDATION_FAILED',
      );
  });
});

describe('somebody new', () => {
  it.each(['keycloak', 'google'])('gets an account from %s, without a password', async (id) => {
    const { subject, email } = somebody();
    const { body } = await signIn(subject, id);
    expect(body.user).toMatchObject({ email, emailVerified: true, role: 'user' });
    const balance = await client(app, body).balance();
    expect(balance).toEqual({ available: 100, held: 0 });

    for (const password of ['!', 'correct horse battery', 'null'])
      expectProblem(await login(app, { email, password }), 401, 'INVALID_CREDENTIALS');
    const again = await signIn(subject, id);
    expect(again.body.user.id).toBe(body.user.id);
    expect(await transfersOf(app.dataSource, body.user.id)).toEqual({ signup_grant: [100] });
  });

  it('gets one account and one grant from four windows at the same time', async () => {
    const { subject, email } = somebody();
    const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(subject)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const ids = new Set(answers.map(({ body }) => body.user.id));
    expect(ids.size).toBe(1);
    const users = await app.dataSource.query(`SELECT id FROM users WHERE email = $1`, [email]);
    expect(users).toHaveLength(1);
    expect(await transfersOf(app.dataSource, users[0].id)).toEqual({ signup_grant: [100] });
    await expectExactLedger(app.dataSource);
  });

  it.each([
    ['whose address the provider has not verified', { email_verified: false }],
    ['of whose address the provider does not say', { email_verified: undefined }],
    ['without an address', { email: undefined }],
    ['with an address that is none', { email: 'ada@localhost' }],
    ['with an address that PostgreSQL cannot store', { email: 'a\u0000da@example.com' }],
  ])('%s gets none', async (_what, change) => {
    const { subject } = somebody(change);
    for (const id of ['keycloak', 'google'])
      expectProblem(await signIn(subject, id), 409, 'EMAIL_NOT_VERIFIED');
  });

  it('is another person at another provider', async () => {
    const { subject } = somebody();
    const first = await signIn(subject, 'keycloak');
    google.accounts.set(subject, { email: `${randomUUID()}@example.com`, email_verified: true });
    const second = await signIn(subject, 'google');
    expect(second.body.user.id).not.toBe(first.body.user.id);
  });
});

describe('the answer of a provider', () => {
  it('works once, however often it is sent at the same time', async () => {
    const { authorizationUrl, flowToken } = await started();
    const body = { flowToken, ...(await visit(authorizationUrl, somebody().subject)) };
    const answers = await Promise.all(Array.from({ length: 5 }, () => callback('keycloak', body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expectProblem(answer, 401, 'INVALID_CHALLENGE');
    expectProblem(await callback('keycloak', body), 401, 'INVALID_CHALLENGE');
  });

  it.each(['nonce', 'code_challenge'])('with another %s is refused', async (name) => {
    const { authorizationUrl, flowToken } = await started();
    const url = new URL(authorizationUrl);
    url.searchParams.set(name, 'x'.repeat(43));
    const answer = await visit(url.href, somebody().subject);
    expectProblem(await callback('keycloak', { flowToken, ...answer }), 401, 'IDENTITY_REFUSED');
  });

  it('with the state of another sign-in, the code of another, or the name of another provider is refused', async () => {
    const { subject } = somebody();
    const mine = await started();
    const theirs = await started();
    const [answer, other] = [
      await visit(mine.authorizationUrl, subject),
      await visit(theirs.authorizationUrl, subject),
    ];
    const { flowToken } = mine;
    const mixed = { flowToken, ...other };
    expectProblem(await callback('keycloak', mixed), 401, 'INVALID_CHALLENGE');
    const swapped = { ...other, flowToken: theirs.flowToken, code: answer.code };
    expectProblem(await callback('keycloak', swapped), 401, 'IDENTITY_REFUSED');

    const third = await started();
    const answered = await visit(third.authorizationUrl, subject);
    expectProblem(
      await callback('google', { flowToken: third.flowToken, ...answered }),
      401,
      'INVALID_CHALLENGE',
    );
    const fourth = await started();
    const fromElsewhere = {
      flowToken: fourth.flowToken,
      ...(await visit(fourth.authorizationUrl, subject)),
      iss: google.issuer,
    };
    expectProblem(await callback('keycloak', fromElsewhere), 401, 'IDENTITY_REFUSED');
  });

  it('is refused without the flow token, with an unknown one, and after ten minutes', async () => {
    const { authorizationUrl, flowToken } = await started();
    const answer = await visit(authorizationUrl, somebody().subject);
    expectProblem(await callback('keycloak', answer), 400, 'VALIDATION_FAILED');
    const unknown = { ...answer, flowToken: 'x'.repeat(43) };
    expectProblem(await callback('keycloak', unknown), 401, 'INVALID_CHALLENGE');
    await app.dataSource.query(`UPDATE sign_in_tickets SET expires_at = now()`);
    expectProblem(await callback('keycloak', { ...answer, flowToken }), 401, 'INVALID_CHALLENGE');
  });

  it('is refused with a code that the provider never gave', async () => {
    const { state, flowToken } = await started();
    const iss = keycloak.issuer;
    const made = { flowToken, state, iss, code: 'made-up' };
    expectProblem(await callback('keycloak', made), 401, 'IDENTITY_REFUSED');
    for (const code of ['', 'x\u0000', 'x'.repeat(5_000), 7])
      expectProblem(await callback('keycloak', { ...made, code }), 400, 'VALIDATION_FAILED');
  });
});

describe('an account that exists', () => {
  it('is opened by its address if both sides have verified it', async () => {
    const user = await verified();
    const { subject } = somebody({ email: user.email.toUpperCase() });
    const { body } = await signIn(subject);
    expect(body.user.id).toBe(user.id);
    await login(app, user).expect(200);
    expect(await transfersOf(app.dataSource, user.id)).toEqual({ signup_grant: [100] });
    expect(await mailsTo(app, user)).toEqual(['Keycloak was linked to your account.']);
  });

  it('is not opened if its own address was never verified', async () => {
    const user = await registered(app);
    const { subject } = somebody({ email: user.email });
    expectProblem(await signIn(subject), 409, 'ACCOUNT_EXISTS');
    const { body } = await user.get('/v1/me/identities').expect(200);
    expect(body).toEqual({ items: [] });
  });

  it('is not opened if the provider has not verified the address, and the answer is as for somebody new', async () => {
    const user = await verified();
    const answers = [
      await signIn(somebody({ email: user.email, email_verified: false }).subject),
      await signIn(somebody({ email_verified: false }).subject),
    ];
    for (const answer of answers) expectProblem(answer, 409, 'EMAIL_NOT_VERIFIED');
    expect(answers[0]?.body.detail).toBe(answers[1]?.body.detail);
  });

  it('stays the same when the address at the provider changes', async () => {
    const { subject } = somebody();
    const first = await signIn(subject);
    keycloak.accounts.set(subject, { email: 'x@example.com', email_verified: false });
    const second = await signIn(subject);
    expect(second.body.user).toEqual(first.body.user);
  });

  it('still wants its second factor', async () => {
    const user = await verified();
    const { authenticator } = await withAuthenticatorApp(app, user);
    const { status, body } = await signIn(somebody({ email: user.email }).subject);
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'SECOND_FACTOR_REQUIRED' });
    const code = await authenticator.code();
    const session = await post('/v1/auth/second-factor', { challenge: body.challenge, code });
    expect(session.body.user.id).toBe(user.id);
  });
});

describe('linking', () => {
  it('lets a provider sign in to an account with another, unverified address', async () => {
    const user = await registered(app);
    const { subject, email } = somebody({ email_verified: false });
    const linked = await link(user, subject);
    const identity = { provider: 'keycloak', email, createdAt: expect.any(String) };
    expect(linked.status).toBe(201);
    expect(linked.body).toEqual(identity);
    expect((await signIn(subject)).body.user.id).toBe(user.id);
    const { body } = await user.get('/v1/me/identities').expect(200);
    expect(body).toEqual({ items: [identity] });
  });

  it('is refused for an identity of another account, and for a second of one provider', async () => {
    const [user, other] = [await registered(app), await registered(app)];
    const { subject } = somebody();
    await link(other, subject);
    expectProblem(await link(user, subject), 409, 'IDENTITY_TAKEN');
    expect((await link(user, somebody().subject)).status).toBe(201);
    expectProblem(await link(user, somebody().subject), 409, 'IDENTITY_TAKEN');
    expect((await link(user, somebody().subject, 'google')).status).toBe(201);
  });

  it('is finished only by who began it, and is no sign-in, nor a sign-in a link', async () => {
    const [user, other] = [await registered(app), await registered(app)];
    const begin = async () => {
      const { body } = await user.post('/v1/me/identities/keycloak/start').send({}).expect(200);
      const answer = await visit(body.authorizationUrl, somebody().subject);
      return { flowToken: body.flowToken, ...answer };
    };
    expectProblem(
      await other.post('/v1/me/identities/keycloak').send(await begin()),
      401,
      'INVALID_CHALLENGE',
    );
    expectProblem(await callback('keycloak', await begin()), 401, 'INVALID_CHALLENGE');
    const { authorizationUrl, flowToken } = await started();
    const answer = await visit(authorizationUrl, somebody().subject);
    expectProblem(
      await user.post('/v1/me/identities/keycloak').send({ flowToken, ...answer }),
      401,
      'INVALID_CHALLENGE',
    );
    for (const who of [user, other])
      expect((await who.get('/v1/me/identities').expect(200)).body).toEqual({ items: [] });
  });

  it('needs the password once the sign-in is old, and so does unlinking', async () => {
    const user = await registered(app);
    await link(user, somebody().subject);
    await makeStale(app, user);
    for (const change of [
      user.post('/v1/me/identities/google/start'),
      user.delete('/v1/me/identities/keycloak'),
    ])
      expectProblem(await change.send({}), 403, 'REAUTHENTICATION_REQUIRED');
    await user.delete('/v1/me/identities/keycloak').send({ password: user.password }).expect(204);
    expectProblem(
      await user.delete('/v1/me/identities/keycloak').send({ password: user.password }),
      404,
      'NOT_FOUND',
    );
    expect(await mailsTo(app, user)).toEqual([
      'keycloak was linked to your account.',
      'keycloak was unlinked from your account.',
    ]);
  });
});

describe('unlinking', () => {
  it('never removes the last way to sign in, not even of two at the same time', async () => {
    const { subject } = somebody();
    const { body } = await signIn(subject, 'keycloak');
    const user = client(app, body);
    expectProblem(await user.delete('/v1/me/identities/keycloak'), 409, 'LAST_SIGN_IN_METHOD');
    expect((await signIn(subject, 'google')).body.user.id).toBe(body.user.id);
    const answers = await Promise.all([
      user.delete('/v1/me/identities/keycloak'),
      user.delete('/v1/me/identities/google'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  it('leaves the links of others', async () => {
    const [user, other] = [await registered(app), await registered(app)];
    const { subject } = somebody();
    await link(other, subject);
    expectProblem(await user.delete('/v1/me/identities/keycloak'), 404, 'NOT_FOUND');
    expect((await signIn(subject)).body.user.id).toBe(other.id);
  });
});
