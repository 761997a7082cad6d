import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { makeKey } from '../../src/api-keys/api-key.js';
import { ApiKeysRepository } from '../../src/api-keys/api-keys.repository.js';
import { LiveKeys } from '../../src/api-keys/live-keys.js';
import { type Scope, SCOPES } from '../../src/common/principal.js';
import { keyOf } from '../factories/api-keys.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';
import { until } from '../support/until.js';

const image = await picture({ width: 32, height: 32 });

describe('an API key', () => {
  const app = useTestApp({
    inference: new FakeInference(),
    env: { API_KEYS_PER_USER: '3', TRUSTED_PROXIES: '1' },
  });
  const user = useUser(app, beforeEach);
  const key = (fields: Parameters<typeof keyOf>[2] = {}) => keyOf(app, user, fields);
  const create = (body: object) => user.post('/v1/api-keys').send(body);
  const list = async (query = '') => (await user.get(`/v1/api-keys${query}`).expect(200)).body;
  const me = (token: string) => request(app.url).get('/v1/me').auth(token, { type: 'bearer' });
  /** Another process would do so within five seconds. */
  const forgotten = () => app.app.get(LiveKeys).forgetAll();

  it('is shown once, and stored as a hash alone', async () => {
    const { body } = await create({
      name: 'Nightly batch',
      scopes: ['transformations:write', 'tokens:read', 'tokens:read'],
      expiresAt: '2099-01-01T01:00:00+01:00',
      allowedAddresses: ['127.0.0.1', '2001:db8::/32'],
      budget: { perDay: 500 },
    }).expect(201);
    expect(body).toEqual({
      id: expect.any(String),
      key: expect.stringMatching(/^stz_live_[0-9A-Za-z]{49}$/),
      prefix: body.key.slice(0, 15),
      name: 'Nightly batch',
      scopes: ['transformations:write', 'tokens:read'],
      expiresAt: '2099-01-01T00:00:00.000Z',
      allowedAddresses: ['127.0.0.1', '2001:db8::/32'],
      budget: { perDay: 500, total: null },
      spent: { today: 0, total: 0 },
      createdAt: expect.any(String),
      lastUsedAt: null,
    });
    const { key: secret, ...rest } = body;
    expect(await list()).toEqual({ items: [rest], nextCursor: null });
    const [row] = await app.dataSource.query(
      `SELECT k::text || encode(key_hash, 'escape') AS text FROM api_keys k WHERE id = $1`,
      [body.id],
    );
    expect(row.text).not.toContain(secret.slice(20));
  });

  it('serves as a bearer token wherever its scopes reach, for its own account', async () => {
    const { get, submit, balance } = await key();
    expect((await get('/v1/me').expect(200)).body.id).toBe(user.id);
    const { body } = await submit(image).expect(201);
    await get(`/v1/transformations/${body.id}/result`).expect(200);
    expect(await balance()).toEqual({ available: 90, held: 0 });
    const [row] = await app.dataSource.query(
      `SELECT t.api_key_id AS by, h.api_key_id AS hold FROM transformations t JOIN holds h ON h.id = t.id
        WHERE t.id = $1`,
      [body.id],
    );
    const { items } = await list();
    expect(row).toEqual({ by: items[0].id, hold: items[0].id });
    expect(items[0].spent).toEqual({ today: 10, total: 10 });
  });

  it.each<[Scope, string]>([
    ['account:read', '/v1/me'],
    ['tokens:read', '/v1/tokens/balance'],
    ['transformations:read', '/v1/transformations'],
    ['styles:read', '/v1/styles'],
  ])('is refused without the scope %s, by its name', async (scope, path) => {
    const without = await key({ scopes: SCOPES.filter((other) => other !== scope) });
    const response = await without.get(path);
    expectProblem(response, 403, 'INSUFFICIENT_SCOPE');
    expect(response.body.detail).toContain(scope);
    await (await key({ scopes: [scope] })).get(path).expect(200);
  });

  it('cannot make, list or revoke keys', async () => {
    const { get, post, delete: remove, id } = await key();
    for (const response of [
      await get('/v1/api-keys'),
      await post('/v1/api-keys').send({ name: 'More', scopes: SCOPES }),
      await remove(`/v1/api-keys/${id}`),
    ])
      expectProblem(response, 403, 'INSUFFICIENT_SCOPE');
  });

  it('is refused at once when revoked, and is gone from the list', async () => {
    const { key: secret, id } = await key();
    await me(secret).expect(200);
    await user.delete(`/v1/api-keys/${id}`).expect(204);
    const refused = await me(secret);
    expectProblem(refused, 401, 'UNAUTHENTICATED');
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect((await list()).items).toEqual([]);
    expectProblem(await user.delete(`/v1/api-keys/${id}`), 404, 'NOT_FOUND');
  });

  it('of one user is not there for another', async () => {
    const { id, key: secret } = await key();
    const other = await registered(app);
    expectProblem(await other.delete(`/v1/api-keys/${id}`), 404, 'NOT_FOUND');
    expect((await other.get('/v1/api-keys').expect(200)).body.items).toEqual([]);
    await me(secret).expect(200);
  });

  it('is refused after its expiry, also while it is remembered', async () => {
    const { key: secret } = await key({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await me(secret).expect(200);
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    try {
      expectProblem(await me(secret), 401, 'UNAUTHENTICATED');
    } finally {
      now.mockRestore();
    }
  });

  it('is refused with the same words whether it is unknown, revoked or expired', async () => {
    const { key: revoked, id } = await key();
    await user.delete(`/v1/api-keys/${id}`);
    const { key: expired, id: old } = await key();
    await app.dataSource.query(`UPDATE api_keys SET expires_at = now() WHERE id = $1`, [old]);
    const answers = await Promise.all([makeKey(), revoked, expired].map((token) => me(token)));
    const told = answers.map(({ status, body: { code, detail } }) => ({ status, code, detail }));
    expect(told[0]).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(told).toEqual([told[0], told[0], told[0]]);
  });

  it('with a wrong checksum is refused without a query', async () => {
    const { key: secret } = await key();
    const find = jest.spyOn(app.app.get(ApiKeysRepository), 'findInUse');
    try {
      const last = secret.at(-1) === 'x' ? 'y' : 'x';
      for (const token of [secret.slice(0, -1) + last, `${secret}x`, 'stz_live_', 'stz_test_1'])
        expectProblem(await me(token), 401, 'UNAUTHENTICATED');
      expect(find).not.toHaveBeenCalled();
      for (let i = 0; i < 5; i++) await me(secret).expect(200);
      expect(find).toHaveBeenCalledTimes(1);
    } finally {
      find.mockRestore();
    }
  });

  it('is refused from other addresses than it allows, whatever the client claims', async () => {
    const { key: secret } = await key({ allowedAddresses: ['203.0.113.0/24', '2001:db8::/32'] });
    const from = (address: string) => me(secret).set('x-forwarded-for', address);
    await from('203.0.113.7').expect(200);
    await from('2001:db8::7').expect(200);
    for (const address of ['203.0.114.7', '2001:db9::7', '203.0.113.7, 198.51.100.1'])
      expectProblem(await from(address), 403, 'ADDRESS_NOT_ALLOWED');
    expectProblem(await me(secret), 403, 'ADDRESS_NOT_ALLOWED');
  });

  it('says when it was last used, written at most once a minute', async () => {
    const { key: secret } = await key();
    const write = jest.spyOn(app.app.get(ApiKeysRepository), 'markUsed');
    try {
      await me(secret).expect(200);
      const { items } = await until(list, ({ items }) => items[0].lastUsedAt !== null);
      expect(Date.now() - Date.parse(items[0].lastUsedAt)).toBeLessThan(60_000);
      forgotten();
      for (let i = 0; i < 3; i++) await me(secret).expect(200);
      expect(write).toHaveBeenCalledTimes(1);
      await app.dataSource.query(`UPDATE api_keys SET last_used_at = now() - interval '2 minutes'`);
      forgotten();
      await me(secret).expect(200);
      expect(write).toHaveBeenCalledTimes(2);
    } finally {
      write.mockRestore();
    }
  });

  it('is listed page by page, newest first', async () => {
    for (const name of ['first', 'second', 'third']) await key({ name });
    const page = await list('?limit=2');
    expect(page.items.map(({ name }: { name: string }) => name)).toEqual(['third', 'second']);
    const rest = await list(`?limit=2&cursor=${page.nextCursor}`);
    expect(rest.items.map(({ name }: { name: string }) => name)).toEqual(['first']);
    expect(rest.nextCursor).toBeNull();
  });

  it('is one of at most 3, also when 10 are made at once', async () => {
    const body = { name: 'Many', scopes: ['account:read'] };
    const answers = await Promise.all(Array.from({ length: 10 }, async () => create(body)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expectProblem(answer, 409, 'API_KEY_QUOTA_EXCEEDED');
    await user.delete(`/v1/api-keys/${(await list()).items[0].id}`).expect(204);
    await create(body).expect(201);
  });

  it('cannot be made and revoked without end', async () => {
    await app.dataSource.query(
      `INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, revoked_at)
       SELECT gen_random_uuid(), $1::uuid, 'x', 'x', sha256(($1::text || n)::bytea), '{x}',
              now() - CASE WHEN n <= 60 THEN interval '1 day' ELSE interval '91 days' END
         FROM generate_series(1, 70) n`,
      [user.id],
    );
    const body = { name: 'One more', scopes: ['account:read'] };
    expectProblem(await create(body), 409, 'API_KEY_QUOTA_EXCEEDED');
    await app.dataSource.query(
      `UPDATE api_keys SET revoked_at = now() - interval '91 days' WHERE user_id = $1`,
      [user.id],
    );
    await create(body).expect(201);
    const rows = await app.dataSource.query(`SELECT FROM api_keys WHERE user_id = $1`, [user.id]);
    expect(rows).toHaveLength(1);
  });

  const good = { name: 'Good', scopes: ['account:read'] };
  it.each<[string, object]>([
    ['no name', { ...good, name: undefined }],
    ['an empty name', { ...good, name: ' ' }],
    ['a name of 101 characters', { ...good, name: 'x'.repeat(101) }],
    ['a null byte in its name', { ...good, name: 'a\0b' }],
    ['no scopes', { ...good, scopes: [] }],
    ['an unknown scope', { ...good, scopes: ['admin'] }],
    ['a past expiry', { ...good, expiresAt: '2020-01-01T00:00:00Z' }],
    ['an expiry that is no time', { ...good, expiresAt: 'tomorrow' }],
    ['a host name as address', { ...good, allowedAddresses: ['localhost'] }],
    ['51 addresses', { ...good, allowedAddresses: Array(51).fill('10.0.0.1') }],
    ['a budget of nothing', { ...good, budget: { perDay: 0 } }],
    ['a budget in fractions', { ...good, budget: { total: 1.5 } }],
    ['a budget as text', { ...good, budget: { total: '10' } }],
    ['an unknown budget', { ...good, budget: { perWeek: 10 } }],
    ['a user of its choice', { ...good, userId: randomUUID() }],
  ])('is not made with %s', async (_what, body) => {
    expectProblem(await create(body), 400, 'VALIDATION_FAILED');
  });

  it('is taken in another process until it is revoked there or five seconds have passed', async () => {
    const { key: secret, id } = await key();
    await me(secret).expect(200);
    // What a revocation in another process does.
    await app.dataSource.query(`UPDATE api_keys SET revoked_at = now() WHERE id = $1`, [id]);
    await me(secret).expect(200);
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 5_001);
    try {
      expectProblem(await me(secret), 401, 'UNAUTHENTICATED');
    } finally {
      now.mockRestore();
    }
  });

  it('leaves access tokens as they were', async () => {
    await client(app, user).get('/v1/me').expect(200);
    expectProblem(await me('stz'), 401, 'UNAUTHENTICATED');
  });
});
