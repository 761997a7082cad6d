import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SecretBox } from '../../src/common/secret-box.js';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';

const PATH = '/v1/webhook-endpoints';
const URL = 'https://example.com/hook';

describe('webhook endpoints', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });
  const user = useUser(app, beforeEach);
  const create = async (body: object = { url: URL }) =>
    (await user.post(PATH).send(body).expect(201)).body;

  it('are created, listed newest first, changed and deleted', async () => {
    const first = await create({
      url: URL,
      description: 'Shop',
      eventTypes: ['style.ready', '*', '*'],
    });
    const second = await create();
    const { secret, ...shown } = first;
    expect(secret).toMatch(/^whsec_/);
    expect(shown).toEqual({
      id: expect.any(String),
      url: URL,
      eventTypes: ['style.ready', '*'],
      description: 'Shop',
      enabled: true,
      disabledReason: null,
      signature: 'v1',
      publicKey: null,
      createdAt: expect.any(String),
    });
    expect(second.eventTypes).toEqual(['*']);
    const page = await user.get(`${PATH}?limit=1`).expect(200);
    expect(page.body.items.map(({ id }: { id: string }) => id)).toEqual([second.id]);
    const rest = await user.get(`${PATH}?cursor=${page.body.nextCursor}`).expect(200);
    expect(rest.body).toEqual({ items: [shown], nextCursor: null });

    const change = { url: 'https://example.org', eventTypes: ['tokens.low'], description: '' };
    const changed = await user.patch(`${PATH}/${first.id}`).send(change).expect(200);
    expect(changed.body).toEqual({ ...shown, ...change, url: 'https://example.org/' });
    const off = await user.patch(`${PATH}/${first.id}`).send({ enabled: false }).expect(200);
    expect(off.body).toMatchObject({ enabled: false, disabledReason: 'user' });
    expectProblem(await user.post(`${PATH}/${first.id}/test`), 409, 'WEBHOOK_ENDPOINT_DISABLED');
    expectProblem(
      await user.post(`${PATH}/${first.id}/replay`).send({}),
      409,
      'WEBHOOK_ENDPOINT_DISABLED',
    );
    const on = await user.patch(`${PATH}/${first.id}`).send({ enabled: true }).expect(200);
    expect(on.body).toMatchObject({ enabled: true, disabledReason: null });
    await user.delete(`${PATH}/${first.id}`).expect(204);
    expectProblem(await user.get(`${PATH}/${first.id}`), 404, 'NOT_FOUND');
  });

  it('keep their secrets sealed', async () => {
    const { id, secret } = await create();
    const [row] = await app.dataSource.query(`SELECT * FROM webhook_endpoints WHERE id = $1`, [id]);
    const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
    expect(JSON.stringify(row)).not.toContain(bytes.toString('base64'));
    expect(app.app.get(SecretBox).open(row.secret, id)).toEqual(bytes);
    expect(bytes).toHaveLength(32);
  });

  it('are ten at most, also when many are created at the same time', async () => {
    const all = await Promise.all(
      Array.from({ length: 15 }, () => user.post(PATH).send({ url: URL })),
    );
    expect(all.filter(({ status }) => status === 201)).toHaveLength(10);
    for (const refused of all.filter(({ status }) => status !== 201))
      expectProblem(refused, 409, 'WEBHOOK_QUOTA_EXCEEDED');
  });

  it('have one without a url, which takes none and has nowhere to send a test', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => user.post(PATH).send({})));
    const made = [one, two].find((response) => response?.status === 201);
    const refused = [one, two].find((response) => response?.status !== 201);
    if (!made || !refused) throw new Error('one of two is made');
    expectProblem(refused, 409, 'WEBHOOK_QUOTA_EXCEEDED');
    expect(made.body).toMatchObject({
      url: null,
      eventTypes: ['transformation.completed', 'transformation.failed', 'transformation.cancelled'],
    });
    const path = `${PATH}/${made.body.id}`;
    expectProblem(await user.patch(path).send({ url: URL }), 400, 'VALIDATION_FAILED');
    expectProblem(await user.post(`${path}/test`), 409, 'WEBHOOK_URL_MISSING');
  });

  it.each<[string, object]>([
    ['an unknown field', { url: URL, secret: 'whsec_mine' }],
    ['no URL', { url: 'example.com' }],
    ['a number for a URL', { url: 1 }],
    ['a URL of 2,049 characters', { url: `https://example.com/${'x'.repeat(2029)}` }],
    ['an unknown type', { url: URL, eventTypes: ['user.created'] }],
    ['no types', { url: URL, eventTypes: [] }],
    ['a null character', { url: URL, description: 'a\0b' }],
    ['a description of 201 characters', { url: URL, description: 'x'.repeat(201) }],
    ['another signature', { url: URL, signature: 'v2' }],
    ['enabled in words', { url: URL, enabled: 'yes' }],
    ['a list', []],
  ])('are refused with %s', async (_what, body) => {
    expectProblem(await user.post(PATH).send(body), 400, 'VALIDATION_FAILED');
  });

  it.each([
    'http://example.com/',
    'https://localhost/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://169.254.169.254/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://ada:secret@example.com/',
    'https://example.com:5432/',
    'ftp://example.com/',
  ])('are refused at %s', async (url) => {
    expectProblem(await user.post(PATH).send({ url }), 422, 'URL_NOT_ALLOWED');
    const { id } = await create();
    expectProblem(await user.patch(`${PATH}/${id}`).send({ url }), 422, 'URL_NOT_ALLOWED');
    await user.delete(`${PATH}/${id}`).expect(204);
  });

  describe('of somebody else', () => {
    const owner = useUser(app, beforeAll);
    let path: string;
    beforeAll(async () => {
      const { body } = await owner.post(PATH).send({ url: URL }).expect(201);
      const { body: sent } = await owner.post(`${PATH}/${body.id}/test`).expect(202);
      path = `${PATH}/${body.id}/deliveries/${sent.id}`;
    });

    it('have deliveries that nobody else sees, not even by an endpoint of their own', async () => {
      await owner.get(path).expect(200);
      expectProblem(await user.get(path), 404, 'NOT_FOUND');
      expectProblem(await user.post(`${path}/redeliver`), 404, 'NOT_FOUND');
      const { id } = await create();
      const theirs = path.replace(/endpoints\/[^/]+/, `endpoints/${id}`);
      expectProblem(await user.get(theirs), 404, 'NOT_FOUND');
      expectProblem(await user.post(`${theirs}/redeliver`), 404, 'NOT_FOUND');
    });

    it('are not listed', async () => {
      const stranger = await registered(app);
      expect((await stranger.get(PATH).expect(200)).body).toEqual({ items: [], nextCursor: null });
    });
  });
});
