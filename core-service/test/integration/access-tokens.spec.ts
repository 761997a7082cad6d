import { createHmac, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import { TEST_SECRET } from '../support/test-app.js';

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A hand-made JWT, as an attacker would make it; `algorithm` is node:crypto's name. */
function forge(
  claims: object,
  { header = {}, secret = TEST_SECRET, algorithm = 'sha256' }: Forgery = {},
): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`;
  const signature = algorithm && createHmac(algorithm, secret).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}
const sessionOf = (token: string): string =>
  JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()).sid;

interface Forgery {
  header?: object;
  secret?: string;
  algorithm?: string;
}

describe('an access token', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });
  const user = useUser(app, beforeAll);

  const me = (authorization?: string) => {
    const asking = request(app.url).get('/v1/me');
    return authorization === undefined ? asking : asking.set('authorization', authorization);
  };
  const claims = (change: object = {}) => {
    const now = Math.floor(Date.now() / 1000);
    return {
      sub: user.id,
      sid: sessionOf(user.accessToken),
      typ: 'access',
      iss: 'stylizer',
      aud: 'stylizer-api',
      iat: now,
      exp: now + 900,
      ...change,
    };
  };

  it('is accepted when made by hand, so that each forgery below differs in one thing', async () => {
    await me(`Bearer ${forge(claims())}`).expect(200);
  });

  it('names subject, audience, issuer and expiry, and no personal data', () => {
    const [header, body] = user.accessToken
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(String(header))).toEqual({
      alg: 'HS256',
      typ: 'JWT',
      kid: expect.stringMatching(/^secret-[0-9a-f]{8}$/),
    });
    const said = JSON.parse(String(body));
    expect(said).toEqual({
      sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sub: user.id,
      typ: 'access',
      iss: 'stylizer',
      aud: 'stylizer-api',
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: said.iat + 900,
    });
  });

  it.each<[string, () => string]>([
    ['with alg none', () => forge(claims(), { header: { alg: 'none' }, algorithm: '' })],
    ['with alg nOnE', () => forge(claims(), { header: { alg: 'nOnE' }, algorithm: '' })],
    ['without its signature', () => forge(claims(), { algorithm: '' })],
    ['signed with another secret', () => forge(claims(), { secret: 'another secret' })],
    ['signed with an empty secret', () => forge(claims(), { secret: '' })],
    ['of HS512', () => forge(claims(), { header: { alg: 'HS512' }, algorithm: 'sha512' })],
    ['of HS384', () => forge(claims(), { header: { alg: 'HS384' }, algorithm: 'sha384' })],
    ['that says RS256', () => forge(claims(), { header: { alg: 'RS256' } })],
    ['for another audience', () => forge(claims({ aud: 'another-api' }))],
    ['for no audience', () => forge(claims({ aud: undefined }))],
    ['of another issuer', () => forge(claims({ iss: 'somebody' }))],
    ['of no issuer', () => forge(claims({ iss: undefined }))],
    ['that has expired', () => forge(claims({ exp: Math.floor(Date.now() / 1000) - 1 }))],
    ['that never expires', () => forge(claims({ exp: undefined }))],
    ['whose expiry is text', () => forge(claims({ exp: 'never' }))],
    ['that is not valid yet', () => forge(claims({ nbf: Math.floor(Date.now() / 1000) + 60 }))],
    ['without a kind', () => forge(claims({ typ: undefined }))],
    ['of another kind', () => forge(claims({ typ: 'refresh' }))],
    ['without a subject', () => forge(claims({ sub: undefined }))],
    ['for a malformed user id', () => forge(claims({ sub: "' OR 1=1 --" }))],
    ['for a user who does not exist', () => forge(claims({ sub: randomUUID() }))],
    ['of no session', () => forge(claims({ sid: undefined }))],
    ['of a session that does not exist', () => forge(claims({ sid: randomUUID() }))],
    [
      'whose claims were changed',
      () => {
        const [header, , signature] = forge(claims()).split('.');
        return `${header}.${encode(claims({ sub: randomUUID() }))}.${signature}`;
      },
    ],
    ['that is a refresh token', () => user.refreshToken],
    ['that is garbage', () => 'garbage'],
    ['that is garbage with dots', () => '..'],
    ['that is empty', () => ''],
  ])('%s is refused', async (_what, token) => {
    const response = await me(`Bearer ${token()}`);
    expectProblem(response, 401, 'UNAUTHENTICATED');
    expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  it.each([
    ['no header', undefined],
    ['another scheme', 'Basic YWRhOmFkYQ=='],
    ['an empty header', ''],
  ])('is required when there is %s', async (_what, header) => {
    expectProblem(await me(header), 401, 'UNAUTHENTICATED');
  });

  it('is not read from the query or a cookie', async () => {
    const path = `/v1/tokens/balance?access_token=${user.accessToken}&token=${user.accessToken}`;
    const response = await request(app.url).get(path).set('cookie', `jwt=${user.accessToken}`);
    expectProblem(response, 401, 'UNAUTHENTICATED');
  });

  it('is required by every route that is not public', async () => {
    const id = randomUUID();
    const routes = [
      ['get', '/v1/me'],
      ['get', '/v1/tokens/balance'],
      ['get', '/v1/tokens/entries'],
      ['post', '/v1/transformations'],
      ['get', '/v1/transformations'],
      ['get', `/v1/transformations/${id}`],
      ['get', `/v1/transformations/${id}/result`],
      ['get', `/v1/transformations/${id}/original`],
      ['get', `/v1/transformations/${id}/events`],
      ['post', `/v1/transformations/${id}/cancel`],
      ['delete', `/v1/transformations/${id}`],
    ] as const;
    for (const [method, path] of routes)
      expectProblem(await request(app.url)[method](path), 401, 'UNAUTHENTICATED');
  });

  it('is optional on public routes, but must be valid if sent', async () => {
    await request(app.url).get('/v1/styles').expect(200);
    const bad = await request(app.url).get('/v1/styles').set('authorization', 'Bearer garbage');
    expectProblem(bad, 401, 'UNAUTHENTICATED');
  });
});
