import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import passport, { type Strategy } from 'passport';
import request from 'supertest';
import { JwtStrategy } from '../../src/auth/jwt.strategy.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, type TestApp, TEST_SECRET } from '../support/test-app.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject) =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();

const old = pair();
const next = pair();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Replicas on one database, each with other keys. */
describe('keys of access tokens', () => {
  const apps: TestApp[] = [];
  const start = async (...keys: KeyObject[]): Promise<TestApp> => {
    const app = await startTestApp({
      inference: new FakeInference(),
      worker: false,
      env: { JWT_KEYS: keys.map(pem).join('') },
      ...(apps[0] && { databaseUrl: apps[0].databaseUrl }),
    });
    apps.push(app);
    return app;
  };
  /** From the secret to a first key, then to the next. */
  let steps: TestApp[];
  let user: TestUser;
  beforeAll(async () => {
    steps = [
      await start(),
      await start(old.publicKey),
      await start(old.privateKey),
      await start(old.privateKey, next.publicKey),
      await start(next.privateKey, old.publicKey),
      await start(next.privateKey),
      await start(rsa.privateKey),
    ];
    user = await registered(at(0));
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) await app.close();
  });
  const at = (step: number): TestApp => steps[step] as TestApp;
  const statusOf = async (step: number, token: string) => {
    // Passport knows one strategy of a name in a process: the last app's.
    passport.use('jwt', at(step).app.get<Strategy>(JwtStrategy, { strict: false }));
    return (await request(at(step).url).get('/v1/me').auth(token, { type: 'bearer' })).status;
  };
  const loginAt = async (step: number): Promise<string> => {
    const { email, password } = user;
    const { body } = await request(at(step).url).post('/v1/auth/login').send({ email, password });
    return body.accessToken;
  };
  const jwksOf = async (step: number) =>
    (await request(at(step).url).get('/.well-known/jwks.json').expect(200)).body;
  const kidOf = async (step: number) => decodeProtectedHeader(await loginAt(step)).kid ?? '';

  it('are exchanged step by step without logging anybody out', async () => {
    for (const [step, alg] of ['HS256', 'HS256', 'ES256', 'ES256', 'ES256', 'ES256'].entries()) {
      const token = await loginAt(step);
      expect(decodeProtectedHeader(token)).toEqual({ alg, typ: 'JWT', kid: expect.any(String) });
      // In a rolling upgrade the replicas before, or after, are there too.
      for (const other of [step - 1, step, step + 1].filter((each) => each >= 0 && each < 6))
        expect([step, other, await statusOf(other, token)]).toEqual([step, other, 200]);
    }
    expect(decodeProtectedHeader(await loginAt(6)).alg).toBe('RS256');
    expect(await kidOf(2)).toBe(await kidOf(3));
    expect(await kidOf(4)).toBe(await kidOf(5));
    expect(await kidOf(3)).not.toBe(await kidOf(4));
  });

  it('verify no longer once they are taken away', async () => {
    expect(await statusOf(5, await loginAt(2))).toBe(401);
  });

  it('are published, the public ones alone, so that others can verify', async () => {
    expect(await jwksOf(0)).toEqual({ keys: [] });
    const { keys } = await jwksOf(4);
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        kid: await kidOf(4),
        alg: 'ES256',
        use: 'sig',
      },
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        kid: await kidOf(2),
        alg: 'ES256',
        use: 'sig',
      },
    ]);
    expect(Object.keys((await jwksOf(6)).keys[0]).sort()).toEqual([
      'alg',
      'e',
      'kid',
      'kty',
      'n',
      'use',
    ]);
    const remote = createRemoteJWKSet(new URL('/.well-known/jwks.json', at(4).url));
    const options = { issuer: 'stylizer', audience: 'stylizer-api' };
    for (const step of [2, 3, 4, 5]) {
      const { payload } = await jwtVerify(await loginAt(step), remote, options);
      expect(payload.sub).toBe(user.id);
    }
    const { headers } = await request(at(4).url).get('/.well-known/jwks.json');
    expect(headers['cache-control']).toBe('public, max-age=300');
  });

  describe('cannot be confused:', () => {
    /** Live claims, so that only the signature can be the reason. */
    const claims = () =>
      JSON.parse(Buffer.from(user.accessToken.split('.')[1] ?? '', 'base64url').toString());
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const hmac = (header: object, secret: string | Buffer) => {
      const signed = `${encode({ typ: 'JWT', ...header })}.${encode(claims())}`;
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    };
    const sign = (key: KeyObject, alg: string, kid?: string) =>
      new SignJWT(claims()).setProtectedHeader({ alg, kid }).sign(key);
    const publicForms = () => [
      pem(next.publicKey),
      pem(next.publicKey).trim(),
      next.publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(next.publicKey.export({ format: 'jwk' })),
    ];

    it('a token made by hand with the right key is accepted', async () => {
      expect(await statusOf(4, await sign(next.privateKey, 'ES256', await kidOf(4)))).toBe(200);
      expect(await statusOf(4, hmac({ alg: 'HS256' }, TEST_SECRET))).toBe(200);
    });

    it('the public key is no secret of HS256', async () => {
      const kid = await kidOf(4);
      for (const secret of publicForms())
        for (const header of [{ alg: 'HS256', kid }, { alg: 'HS256' }, { alg: 'ES256', kid }])
          expect(await statusOf(4, hmac(header, secret))).toBe(401);
    });

    it('the secret does not sign under the id of a key', async () => {
      expect(await statusOf(4, hmac({ alg: 'HS256', kid: await kidOf(4) }, TEST_SECRET))).toBe(401);
    });

    it('no key signs under the id of another, an unknown one, or none', async () => {
      const [kidOfOld, kidOfSecret] = [await kidOf(2), await kidOf(0)];
      const kids = [kidOfOld, kidOfSecret, 'unknown', '__proto__', '', undefined];
      for (const kid of kids)
        expect([kid, await statusOf(4, await sign(next.privateKey, 'ES256', kid))]).toEqual([
          kid,
          401,
        ]);
    });

    it('another key does not sign under the id of ours', async () => {
      const kid = await kidOf(4);
      expect(await statusOf(4, await sign(pair().privateKey, 'ES256', kid))).toBe(401);
      expect(await statusOf(4, await sign(rsa.privateKey, 'RS256', kid))).toBe(401);
    });

    it('a token cannot bring its own key, or none', async () => {
      const kid = await kidOf(4);
      const jwk = rsa.publicKey.export({ format: 'jwk' });
      const own = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'RS256', kid, jwk, jku: 'http://127.0.0.1/jwks.json' })
        .sign(rsa.privateKey);
      expect(await statusOf(4, own)).toBe(401);
      for (const alg of ['none', 'None', 'NONE', ''])
        for (const header of [{ alg, kid }, { alg }])
          expect(await statusOf(4, `${encode(header)}.${encode(claims())}.`)).toBe(401);
    });
  });
});
