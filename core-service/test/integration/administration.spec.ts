import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import request from 'supertest';
import { keyOf } from '../factories/api-keys.js';
import { operatorOf, registered, type TestUser } from '../factories/users.js';
import { command } from '../support/command.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';

describe('an operator', () => {
  const app = useTestApp({
    inference: new FakeInference(),
    worker: false,
    env: { TRUSTED_PROXIES: '1' },
  });
  const user = useUser(app, beforeEach);
  const operator = {} as TestUser;
  beforeAll(async () => void Object.assign(operator, await operatorOf(app)));

  const at = (act = '') => `/v1/admin/users/${user.id}${act}`;
  const grant = (body: object, key?: string) => {
    const sent = operator.post(at('/grant')).send(body);
    return key ? sent.set('idempotency-key', key) : sent;
  };
  const auditOf = async (query = `subjectId=${user.id}`) =>
    (await operator.get(`/v1/admin/audit?${query}`).expect(200)).body.items;

  it('finds a user by e-mail, however it is written, and sees the balance', async () => {
    const email = encodeURIComponent(user.email.toUpperCase());
    const { body } = await operator.get(`/v1/admin/users?email=${email}`).expect(200);
    const found = {
      id: user.id,
      email: user.email,
      role: 'user',
      emailVerified: false,
      createdAt: expect.any(String),
      suspendedAt: null,
    };
    expect(body).toEqual({ items: [found], nextCursor: null });
    expect((await operator.get(at()).expect(200)).body).toEqual({
      ...found,
      balance: { available: 100, held: 0 },
    });
    expectProblem(await operator.get(`/v1/admin/users/${randomUUID()}`), 404, 'NOT_FOUND');
    const none = await operator.get('/v1/admin/users?email=nobody@example.com').expect(200);
    expect(none.body.items).toEqual([]);
  });

  it('lists users page by page, newest first', async () => {
    const newer = await registered(app);
    const first = await operator.get('/v1/admin/users?limit=1').expect(200);
    expect(first.body.items[0].id).toBe(newer.id);
    const next = await operator.get(`/v1/admin/users?limit=1&cursor=${first.body.nextCursor}`);
    expect(next.body.items[0].id).toBe(user.id);
  });

  it('grants tokens, with the reason in the ledger and the audit log', async () => {
    const granting = grant({ amount: 500, reason: 'A sorry' })
      .set('x-forwarded-for', '203.0.113.7')
      .set('x-request-id', 'ticket-4711');
    expect((await granting.expect(200)).body).toEqual({ available: 600 });
    const { body } = await user.get('/v1/tokens/entries').expect(200);
    expect(body.items[0]).toMatchObject({
      kind: 'admin_grant',
      amount: 500,
      description: 'A sorry',
    });
    expect(await auditOf()).toEqual([
      {
        id: expect.any(String),
        actorId: operator.id,
        action: 'user.grant',
        subjectId: user.id,
        before: { available: 100 },
        after: { available: 600 },
        reason: 'A sorry',
        address: '203.0.113.7',
        requestId: 'ticket-4711',
        createdAt: expect.stringMatching(/Z$/),
      },
    ]);
    await expectExactLedger(app.dataSource);
  });

  it('grants once per idempotency key, also when ten requests come at once', async () => {
    const key = randomUUID();
    const body = { amount: 7, reason: 'Once' };
    const answers = await Promise.all(Array.from({ length: 10 }, async () => grant(body, key)));
    for (const answer of answers)
      expect([answer.status, answer.body]).toEqual([200, { available: 107 }]);
    const replayed = ({ headers }: Response) => headers['idempotency-replayed'] === 'true';
    expect(answers.filter(replayed)).toHaveLength(9);
    expect(await transfersOf(app.dataSource, user.id)).toEqual({
      signup_grant: [100],
      admin_grant: [7],
    });
    for (const other of [
      { ...body, amount: 8 },
      { ...body, reason: 'Twice' },
    ])
      expectProblem(await grant(other, key), 422, 'IDEMPOTENCY_KEY_REUSED');
    const elsewhere = await operator
      .post(`/v1/admin/users/${operator.id}/grant`)
      .set('idempotency-key', key)
      .send(body);
    expectProblem(elsewhere, 422, 'IDEMPOTENCY_KEY_REUSED');
    expect(await auditOf()).toHaveLength(1);
  });

  it('makes another operator, and takes the role away at once', async () => {
    expectProblem(await user.get('/v1/admin/users'), 403, 'OPERATOR_ONLY');
    const role = (role: string) =>
      operator.put(at('/role')).send({ role, reason: 'On call' }).expect(200);
    expect((await role('operator')).body.role).toBe('operator');
    await user.get('/v1/admin/users').expect(200);
    await role('user');
    expectProblem(await user.get('/v1/admin/users'), 403, 'OPERATOR_ONLY');
    const states = (await auditOf(`subjectId=${user.id}&actorId=${operator.id}`)).map(
      ({ action, before, after }: Record<string, unknown>) => ({ action, before, after }),
    );
    expect(states).toEqual([
      { action: 'user.role', before: { role: 'operator' }, after: { role: 'user' } },
      { action: 'user.role', before: { role: 'user' }, after: { role: 'operator' } },
    ]);
  });

  it('suspends a user: every token and key is refused at once, and taken again later', async () => {
    const key = await keyOf(app, user);
    const suspension = (act: string) =>
      operator.post(at(act)).send({ reason: 'Abuse' }).expect(200);
    await user.get('/v1/me').expect(200);
    await key.get('/v1/me').expect(200);
    expect((await suspension('/suspend')).body.suspendedAt).toMatch(/Z$/);
    expectProblem(await user.get('/v1/me'), 403, 'ACCOUNT_SUSPENDED');
    expectProblem(await key.get('/v1/me'), 403, 'ACCOUNT_SUSPENDED');
    // A new session is none the better.
    const { body } = await request(app.url)
      .post('/v1/auth/refresh')
      .send({ refreshToken: user.refreshToken });
    const again = request(app.url).get('/v1/me').auth(body.accessToken, { type: 'bearer' });
    expectProblem(await again, 403, 'ACCOUNT_SUSPENDED');

    expect((await suspension('/unsuspend')).body.suspendedAt).toBeNull();
    await user.get('/v1/me').expect(200);
    await key.get('/v1/me').expect(200);
    expect((await auditOf()).map(({ action }: { action: string }) => action)).toEqual([
      'user.unsuspend',
      'user.suspend',
    ]);
  });

  it('does none of that to the own account, so that the last one is not locked out', async () => {
    const own = `/v1/admin/users/${operator.id}`;
    const reason = 'By mistake';
    for (const response of [
      await operator.put(`${own}/role`).send({ role: 'user', reason }),
      await operator.post(`${own}/suspend`).send({ reason }),
    ])
      expectProblem(response, 409, 'OWN_ACCOUNT');
    await operator.get(own).expect(200);
  });

  it('is seen looking: lists and views are in the audit log, without the e-mail', async () => {
    await operator.get(`/v1/admin/users?email=${user.email}`).expect(200);
    await operator.get(at()).expect(200);
    const [view, list] = await auditOf(`actorId=${operator.id}&limit=2`);
    expect(view).toMatchObject({ action: 'user.view', subjectId: user.id });
    expect(list).toMatchObject({ action: 'users.list', after: { count: 1, byEmail: true } });
    const [row] = await app.dataSource.query(
      `SELECT count(*)::int AS count FROM audit_log a WHERE a::text LIKE '%@%'`,
    );
    expect(row.count).toBe(0);
  });

  it('sees the trial balance, which is that of the ledger', async () => {
    const { body } = await operator.get('/v1/admin/trial-balance').expect(200);
    const [given] = await app.dataSource.query(
      `SELECT sum(amount)::int AS sum FROM transfers WHERE kind LIKE '%grant'`,
    );
    expect(body).toEqual({
      available: given.sum,
      held: 0,
      revenue: 0,
      treasury: -given.sum,
      difference: 0,
    });
  });

  it('leaves no trace of an act that failed', async () => {
    const unknown = randomUUID();
    const send = (act: string, body: object) =>
      operator.post(`/v1/admin/users/${unknown}${act}`).send(body);
    expectProblem(await send('/grant', { amount: 1, reason: 'x' }), 404, 'NOT_FOUND');
    expectProblem(await send('/suspend', { reason: 'x' }), 404, 'NOT_FOUND');
    expect(await auditOf(`subjectId=${unknown}`)).toEqual([]);
  });

  it('cannot rewrite the audit log, nor can the service', async () => {
    await grant({ amount: 1, reason: 'x' }).expect(200);
    for (const statement of [
      `UPDATE audit_log SET reason = 'none'`,
      `DELETE FROM audit_log`,
      `TRUNCATE audit_log`,
    ])
      await expect(app.dataSource.query(statement)).rejects.toThrow('append-only');
    expect(await auditOf()).toHaveLength(1);
  });

  it.each<[string, string, object]>([
    ['no reason', '/suspend', {}],
    ['an empty reason', '/suspend', { reason: ' ' }],
    ['a long reason', '/suspend', { reason: 'x'.repeat(501) }],
    ['a null byte', '/suspend', { reason: 'a\0b' }],
    ['a grant of nothing', '/grant', { amount: 0, reason: 'x' }],
    ['a negative grant', '/grant', { amount: -5, reason: 'x' }],
    ['a grant above any sense', '/grant', { amount: 1e12, reason: 'x' }],
    ['an unknown field', '/grant', { amount: 5, reason: 'x', userId: randomUUID() }],
  ])('cannot act with %s', async (_what, act, body) => {
    expectProblem(await operator.post(at(act)).send(body), 400, 'VALIDATION_FAILED');
  });

  it('is made and unmade at the command line, which is in the audit log', async () => {
    expect(await command(app, 'operator', '--email', user.email.toUpperCase())).toEqual({
      code: 0,
      output: `${user.email} is now an operator\n`,
    });
    const login = { email: user.email, password: user.password };
    const { body } = await request(app.url).post('/v1/auth/login').send(login).expect(200);
    expect(body.user.role).toBe('operator');
    const args = ['--email', user.email, '--role', 'user', '--reason', 'Left'];
    expect((await command(app, 'operator', ...args)).output).toBe(`${user.email} is now a user\n`);
    expect(await auditOf()).toMatchObject([
      { actorId: null, after: { role: 'user' }, reason: 'Left', address: null },
      { actorId: null, after: { role: 'operator' }, reason: 'make operator' },
    ]);
    const refused = await Promise.all([
      command(app, 'operator', '--email', 'nobody@example.com'),
      command(app, 'operator', '--email', user.email, '--role', 'king'),
    ]);
    expect(refused.map(({ code }) => code)).toEqual([1, 1]);
    expect(refused[0]?.output).toContain('no account with the e-mail nobody@example.com');
    expect(refused[1]?.output).toContain('usage: make operator');
  }, 60_000);

  it('grants at the command line with an entry in the audit log', async () => {
    const args = ['--email', user.email, '--tokens', '5', '--reason', 'A sorry'];
    expect((await command(app, 'grant', ...args)).code).toBe(0);
    expect(await auditOf()).toMatchObject([
      { actorId: null, action: 'user.grant', after: { available: 105 }, reason: 'A sorry' },
    ]);
  }, 60_000);
});
