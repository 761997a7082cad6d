import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { registered, type TestUser } from '../factories/users.js';
import { type Credential, PasskeyBrowser } from '../support/browser.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectProblem } from '../support/problems.js';
import {
  challengeOf,
  login,
  mailsTo,
  makeStale,
  withAuthenticatorApp,
} from '../support/sign-in.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** Of authenticator data (Web Authentication, section 6.1): bytes of the hash before the flags, and a flag. */
const RP_ID_HASH = 32;
const VERIFIED = 0x04;

const browser = new PasskeyBrowser();
const app = {} as TestApp;
let user: TestUser;

beforeAll(async () => {
  await browser.up();
  const env = { WEBAUTHN_RP_ID: 'localhost', WEBAUTHN_ORIGINS: browser.origin };
  Object.assign(app, await startTestApp({ env, inference: new FakeInference(), worker: false }));
  // Unpacking Chromium takes a while the first time.
}, 60_000);
afterAll(async () => {
  await app.close();
  await browser.down();
});
beforeEach(async () => {
  await browser.newDevice();
  user = await registered(app);
});

const post = (path: string, body: object = {}) => request(app.url).post(path).send(body);
const options = async (who = user) =>
  (await who.post('/v1/me/passkey-options').send({}).expect(200)).body;
const add = (credential: Credential, who = user, name = 'Phone') =>
  who.post('/v1/me/passkeys').send({ name, credential });
/** Adds a passkey of the present device. */
const added = async (who = user) =>
  (await add(await browser.create(await options(who)), who).expect(201)).body;
const asked = async (change: object = {}) => {
  const { body } = await post('/v1/auth/passkey/options').expect(200);
  return browser.get({ ...body, ...change });
};
const verify = (credential: object) => post('/v1/auth/passkey/verify', { credential });
const changed = (credential: Credential, response: Record<string, string>): Credential => ({
  ...credential,
  response: { ...credential.response, ...response },
});
const clientData = (credential: Credential, change: object) => {
  const said = Buffer.from(String(credential.response.clientDataJSON), 'base64url').toString();
  const clientDataJSON = JSON.stringify({ ...JSON.parse(said), ...change });
  return changed(credential, {
    clientDataJSON: Buffer.from(clientDataJSON).toString('base64url'),
  });
};

describe('adding a passkey', () => {
  it('makes one that the device finds by itself, and lists it', async () => {
    const asked = await options();
    expect(asked).toMatchObject({
      rp: { id: 'localhost', name: 'Stylizer' },
      user: { name: user.email, id: expect.stringMatching(/^[\w-]{22}$/) },
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: [],
    });
    const { body } = await add(await browser.create(asked)).expect(201);
    const passkey = {
      id: body.id,
      name: 'Phone',
      createdAt: expect.any(String),
      lastUsedAt: null,
    };
    expect(body).toEqual(passkey);
    const list = await user.get('/v1/me/passkeys').expect(200);
    expect(list.body).toEqual({ items: [passkey] });
    expect(await mailsTo(app, user)).toEqual(['The passkey “Phone” was added to your account.']);
  });

  it('is refused a second time on the same device', async () => {
    await added();
    const again = await options();
    expect(again.excludeCredentials).toHaveLength(1);
    await expect(browser.create(again)).rejects.toThrow(
      /credentials already registered|InvalidState/,
    );
  });

  it('works once for a challenge, however often it is sent at the same time', async () => {
    const credential = await browser.create(await options());
    const answers = await Promise.all(Array.from({ length: 4 }, () => add(credential)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expectProblem(answer, 401, 'INVALID_CHALLENGE');
  });

  it("is refused with another user's challenge, and for another user's passkey", async () => {
    const other = await registered(app);
    const credential = await browser.create(await options());
    expectProblem(await add(credential, other), 401, 'INVALID_CHALLENGE');

    const theirs = await browser.create(await options());
    await add(theirs).expect(201);
    const mine = await options(other);
    const stolen = clientData(theirs, { challenge: mine.challenge });
    expectProblem(await add(stolen, other), 409, 'PASSKEY_EXISTS');
  });

  it('is refused from another site, and if the device did not check who uses it', async () => {
    for (const change of [
      { origin: 'https://evil.example.com' },
      { origin: `${browser.origin}.evil.example.com` },
      { type: 'webauthn.get' },
    ]) {
      const credential = await browser.create(await options());
      expectProblem(await add(clientData(credential, change)), 401, 'INVALID_PASSKEY');
      await browser.newDevice();
    }
    const unchecked = await options();
    unchecked.authenticatorSelection.userVerification = 'discouraged';
    const credential = await browser.create(unchecked);
    expectProblem(await add(withoutVerification(credential)), 401, 'INVALID_PASSKEY');
  });

  it('needs the password once the sign-in is old', async () => {
    await makeStale(app, user);
    const path = '/v1/me/passkey-options';
    expectProblem(await user.post(path).send({}), 403, 'REAUTHENTICATION_REQUIRED');
    await user.post(path).send({ password: user.password }).expect(200);
  });

  it('stops at twenty', async () => {
    await app.dataSource.query(
      `INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, transports, name)
       SELECT gen_random_uuid(), $1::uuid, 'AAAA' || lpad(n::text, 4, '0'), '', 0, '{}', 'x' FROM generate_series(1, 19) n`,
      [user.id],
    );
    await added();
    await browser.newDevice();
    const credential = await browser.create(await options());
    expectProblem(await add(credential), 409, 'PASSKEY_QUOTA_EXCEEDED');
  });

  it.each<[string, (credential: Credential) => object, string]>([
    ['no name', (credential) => ({ credential }), 'name'],
    ['an empty name', (credential) => ({ credential, name: '' }), 'name'],
    ['a null byte', (credential) => ({ credential, name: 'a\u0000' }), 'name'],
    ['no credential', () => ({ name: 'x' }), 'credential'],
    ['an unknown field', (credential) => ({ credential, name: 'x', userId: 'y' }), 'userId'],
    [
      'what is not base64url',
      (credential) => ({ name: 'x', credential: { ...credential, id: '=' } }),
      'credential.id',
    ],
  ])('is refused with %s', async (_what, body, path) => {
    const credential = await browser.create(await options());
    const response = await user.post('/v1/me/passkeys').send(body(credential));
    expectProblem(response, 400, 'VALIDATION_FAILED');
    expect(response.body.errors[0].path).toBe(path);
  });

  it('is refused with garbage, and never an error of ours', async () => {
    const whole = await browser.create(await options());
    for (const garbage of ['AA', 'x'.repeat(1_000)]) {
      const { challenge } = await options();
      const credential = clientData(changed(whole, { attestationObject: garbage }), {
        challenge,
      });
      expectProblem(await add(credential), 401, 'INVALID_PASSKEY');
      const noData = changed(whole, { clientDataJSON: garbage });
      expectProblem(await add(noData), 401, 'INVALID_PASSKEY');
    }
  });
});

describe('signing in with a passkey', () => {
  it('opens a session without e-mail or password, and remembers when', async () => {
    const { id } = await added();
    const { body } = await verify(await asked()).expect(200);
    expect(body.user.id).toBe(user.id);
    await client(app, body).get('/v1/me').expect(200);
    const list = await user.get('/v1/me/passkeys').expect(200);
    expect(list.body.items).toEqual([
      { id, name: 'Phone', createdAt: expect.any(String), lastUsedAt: expect.any(String) },
    ]);
  });

  it('counts as both factors', async () => {
    await added();
    await withAuthenticatorApp(app, user);
    await verify(await asked()).expect(200);
  });

  it('works once for a challenge, however often it is sent at the same time', async () => {
    await added();
    const credential = await asked();
    const answers = await Promise.all(Array.from({ length: 4 }, () => verify(credential)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expectProblem(answer, 401, 'INVALID_CHALLENGE');
  });

  it('opens the account that the passkey belongs to, of two on one device', async () => {
    const other = await registered(app);
    const ids = new Map<string, string>();
    for (const who of [user, other]) {
      const credential = await browser.create(await options(who));
      await add(credential, who).expect(201);
      ids.set(who.id, credential.id);
    }
    for (const who of [user, other]) {
      const allowCredentials = [{ type: 'public-key', id: ids.get(who.id) }];
      const { body } = await verify(await asked({ allowCredentials })).expect(200);
      expect(body.user.id).toBe(who.id);
    }
  });

  it.each<[string, (credential: Credential, theirs: string) => object]>([
    ['another signature', (credential) => changed(credential, { signature: 'MEUCIQ' })],
    [
      'another origin',
      (credential) => clientData(credential, { origin: 'https://evil.example.com' }),
    ],
    ['another type', (credential) => clientData(credential, { type: 'webauthn.create' })],
    ["another user's handle", (credential) => changed(credential, { userHandle: 'A'.repeat(22) })],
    ["another user's passkey", (credential, id) => ({ ...credential, id, rawId: id })],
    ['an unknown passkey', (credential) => ({ ...credential, id: 'AAAA', rawId: 'AAAA' })],
    [
      'client data that are garbage',
      (credential) => changed(credential, { clientDataJSON: 'AAAA' }),
    ],
    [
      'authenticator data that are garbage',
      (credential) => changed(credential, { authenticatorData: 'AAAA' }),
    ],
  ])('is refused with %s, with the same answer', async (_what, change) => {
    const other = await registered(app);
    const theirs = await browser.create(await options(other));
    await add(theirs, other).expect(201);
    await browser.newDevice();
    await added();
    const response = await verify(change(await asked(), theirs.id));
    expectProblem(response, 401, 'INVALID_PASSKEY');
    expect(response.body.detail).toMatch(/^The passkey does not fit: /);
  });

  it('is refused if the device did not check who uses it', async () => {
    await added();
    const credential = await asked({ userVerification: 'discouraged' });
    const data = Buffer.from(String(credential.response.authenticatorData), 'base64url');
    expect(data.readUInt8(RP_ID_HASH) & VERIFIED).toBe(0);
    expectProblem(await verify(credential), 401, 'INVALID_PASSKEY');
  });

  it('is refused for a copy of the passkey, which has fallen behind', async () => {
    await added();
    await verify(await asked()).expect(200);
    await verify(await asked()).expect(200);
    await browser.copyOfPasskey(1);
    expectProblem(await verify(await asked()), 401, 'INVALID_PASSKEY');
  });

  it('is refused with a challenge that is unknown, expired, or was for adding one', async () => {
    await added();
    const expired = await asked();
    await app.dataSource.query(`UPDATE sign_in_tickets SET expires_at = now()`);
    const forAdding = await asked({ challenge: (await options()).challenge });
    const unknown = await asked({ challenge: 'x'.repeat(43) });
    for (const credential of [expired, forAdding, unknown])
      expectProblem(await verify(credential), 401, 'INVALID_CHALLENGE');
  });

  it('is refused after the passkey was deleted', async () => {
    const { id } = await added();
    const credential = await asked();
    await user.delete(`/v1/me/passkeys/${id}`).send({}).expect(204);
    expectProblem(await verify(credential), 401, 'INVALID_PASSKEY');
  });
});

describe('a passkey as the second factor after a password', () => {
  it('opens the session', async () => {
    await added();
    await withAuthenticatorApp(app, user);
    const first = await login(app, user).expect(401);
    expect(first.body.methods).toEqual(['totp', 'recovery-code', 'passkey']);
    const { challenge } = first.body;
    const passkey = await asked();
    const { body } = await post('/v1/auth/second-factor', { challenge, passkey }).expect(200);
    expect(body.user.id).toBe(user.id);
    expectProblem(
      await post('/v1/auth/second-factor', { challenge, passkey: await asked() }),
      401,
      'INVALID_CHALLENGE',
    );
  });

  it("is refused with another user's, and the challenge ends after five", async () => {
    const other = await registered(app);
    await added(other);
    const { recoveryCodes } = await withAuthenticatorApp(app, user);
    const challenge = await challengeOf(app, user);
    for (let tries = 0; tries < 5; tries++)
      expectProblem(
        await post('/v1/auth/second-factor', { challenge, passkey: await asked() }),
        401,
        'INVALID_PASSKEY',
      );
    expectProblem(
      await post('/v1/auth/second-factor', { challenge, recoveryCode: recoveryCodes[0] }),
      401,
      'INVALID_CHALLENGE',
    );
  });
});

describe('deleting a passkey', () => {
  it("is not possible for another user's, and leaves it", async () => {
    const { id } = await added();
    const other = await registered(app);
    expectProblem(await other.delete(`/v1/me/passkeys/${id}`).send({}), 404, 'NOT_FOUND');
    expect((await other.get('/v1/me/passkeys').expect(200)).body).toEqual({ items: [] });
    await verify(await asked()).expect(200);
  });

  it('needs the password once the sign-in is old', async () => {
    const { id } = await added();
    await makeStale(app, user);
    const path = `/v1/me/passkeys/${id}`;
    expectProblem(await user.delete(path).send({}), 403, 'REAUTHENTICATION_REQUIRED');
    await user.delete(path).send({ password: user.password }).expect(204);
  });

  it('never removes the last way to sign in, not even of two at the same time', async () => {
    const ids = [(await added()).id];
    await browser.newDevice();
    ids.push((await added()).id);
    await app.dataSource.query(`UPDATE users SET password_hash = NULL WHERE id = $1`, [user.id]);
    const answers = await Promise.all(
      ids.map((id) => user.delete(`/v1/me/passkeys/${id}`).send({})),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body.code).toBe('LAST_SIGN_IN_METHOD');
  });
});

/** A new credential whose flag says that the device did not check who uses it. Without attestation nothing is signed. */
function withoutVerification(credential: Credential): Credential {
  const bytes = Buffer.from(String(credential.response.attestationObject), 'base64url');
  const flags = bytes.indexOf('authData') + 'authData'.length + 2 + RP_ID_HASH;
  bytes.writeUInt8(bytes.readUInt8(flags) & ~VERIFIED, flags);
  return changed(credential, { attestationObject: bytes.toString('base64url') });
}
