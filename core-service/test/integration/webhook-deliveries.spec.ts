import { createPublicKey, verify } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { Notifications } from '../../src/database/notifications.js';
import { WEBHOOKS_DUE } from '../../src/events/outbox.js';
import { InferenceError } from '../../src/inference/inference.js';
import { Mail } from '../../src/mail/mail.js';
import { DispatchWebhooks } from '../../src/webhooks/dispatch-webhooks.js';
import { WebhookHousekeeping } from '../../src/webhooks/webhook-housekeeping.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { CALLS_TO_TESTS } from '../support/outgoing.js';
import { type Received, type Receiver, startReceiver } from '../support/receiver.js';
import { startWorker } from '../support/service-process.js';
import { startTestApp, testEnvironment } from '../support/test-app.js';
import { until } from '../support/until.js';

const image = await picture();

/** Another api process, without a worker. */
const replica = (databaseUrl?: string) =>
  startTestApp({
    inference: new FakeInference(),
    worker: false,
    databaseUrl,
    env: CALLS_TO_TESTS,
  });

describe('a webhook endpoint', () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference, env: CALLS_TO_TESTS });
  const user = useUser(app, beforeEach, 1_000);
  let receiver: Receiver;
  let usual: Receiver['answer'];

  beforeAll(async () => {
    receiver = await startReceiver();
    usual = receiver.answer;
  });
  afterEach(() => {
    receiver.answer = usual;
    receiver.received.length = 0;
  });
  afterAll(() => receiver.close());

  const create = async (body: object = {}, by: TestUser = user) =>
    (
      await by
        .post('/v1/webhook-endpoints')
        .send({ url: `${receiver.url}/${by.id}`, ...body })
        .expect(201)
    ).body;
  const received = (count: number, by: TestUser = user): Promise<Received[]> =>
    until(
      () => receiver.received.filter(({ path }) => path.startsWith(`/${by.id}`)),
      (all) => all.length >= count,
    );
  const deliveries = async (id: string) =>
    (await user.get(`/v1/webhook-endpoints/${id}/deliveries`).expect(200)).body.items;
  const settled = (id: string, count = 1) =>
    until(
      () => deliveries(id),
      (items: { status: string; attempts: number }[]) =>
        items.length >= count && items.every(({ attempts }) => attempts > 0),
    );
  /** Lets what waits for its next attempt be due. */
  const hurry = async (id: string) => {
    await app.dataSource.query(
      `UPDATE webhook_deliveries SET due_at = now()
        WHERE endpoint_id = $1 AND status = 'pending' AND claimed_until IS NULL`,
      [id],
    );
    app.app.get(Notifications).send(WEBHOOKS_DUE);
  };
  const verified = (secret: string, { body, headers }: Received) =>
    new Webhook(secret).verify(body, headers as Record<string, string>);
  const answerWith = (status: number, headers: Record<string, string> = {}, body = '') => {
    receiver.answer = (_request, response) => void response.writeHead(status, headers).end(body);
  };

  it('gets what happens to a transformation, signed so that the reference library accepts it', async () => {
    const { secret, id } = await create();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { body } = await user.submit(image).expect(201);
    const all = await received(2);
    const told = all.map((one) => verified(secret, one));
    expect(told).toEqual(
      expect.arrayContaining([
        {
          type: 'transformation.processing',
          timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
          data: { id: body.id, status: 'processing', price: 10 },
        },
        {
          type: 'transformation.completed',
          timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
          data: { id: body.id, status: 'completed', price: 10, resultUrl: body.resultUrl },
        },
      ]),
    );
    for (const { method, headers } of all) {
      expect(method).toBe('POST');
      expect(headers['content-type']).toBe('application/json');
      expect(headers.authorization).toBeUndefined();
    }
    expect(() => verified('whsec_' + 'A'.repeat(43) + '=', all[0] as Received)).toThrow();
    const log = await settled(id, 2);
    expect(log[0]).toMatchObject({
      eventType: 'transformation.completed',
      status: 'delivered',
      attempts: 1,
      nextAttemptAt: null,
      request: { url: `${receiver.url}/${user.id}`, body: expect.stringContaining(body.id) },
      response: { status: 204, body: '' },
      error: null,
    });
  });

  it('gets only the types that it subscribed to, and nothing of another user', async () => {
    const stranger = await registered(app);
    await create({ eventTypes: ['transformation.failed', 'style.ready'] });
    await create({}, stranger);
    const usually = inference.conduct;
    inference.conduct = () => Promise.reject(new InferenceError('rejected', 'for the test'));
    await user.submit(image).expect(500);
    inference.conduct = usually;
    await user.createStyle(image).expect(201);
    const types = (await received(2)).map(({ body }) => JSON.parse(body));
    expect(types.map(({ type }) => type).toSorted()).toEqual([
      'style.ready',
      'transformation.failed',
    ]);
    expect(types.find(({ type }) => type === 'transformation.failed').data).toEqual({
      id: expect.any(String),
      status: 'failed',
      price: 10,
      error: { code: 'TRANSFORMATION_FAILED' },
    });
    expect(receiver.received.filter(({ path }) => path === `/${stranger.id}`)).toEqual([]);
  });

  it('may sign with Ed25519, verified with its public key', async () => {
    const { publicKey, secret } = await create({
      signature: 'v1a',
      eventTypes: ['transformation.completed'],
    });
    expect(secret).toBeUndefined();
    expect(publicKey).toMatch(/^whpk_/);
    await user.submit(image).expect(201);
    const [{ headers, body }] = (await received(1)) as [Received];
    const x = Buffer.from(publicKey.slice(5), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const [version, signature = ''] = String(headers['webhook-signature']).split(',');
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(version).toBe('v1a');
    expect(verify(null, Buffer.from(content), key, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('is signed with both secrets for a day after a rotation, and then with the new one', async () => {
    const { id, secret: old } = await create({ eventTypes: ['transformation.completed'] });
    const { body } = await user.post(`/v1/webhook-endpoints/${id}/rotate-secret`).expect(200);
    expect(body.secret).not.toBe(old);
    await user.submit(image).expect(201);
    const [both] = (await received(1)) as [Received];
    expect(verified(old, both)).toEqual(verified(body.secret, both));
    await app.dataSource.query(
      `UPDATE webhook_endpoints SET earlier_secret_until = now() WHERE id = $1`,
      [id],
    );
    await user.submit(image).expect(201);
    const [, one] = (await received(2)) as [Received, Received];
    expect(verified(body.secret, one)).toMatchObject({ type: 'transformation.completed' });
    expect(() => verified(old, one)).toThrow('No matching signature');
  });

  it('is tried again with the same id and content until it answers 2xx', async () => {
    const { id, secret } = await create({ eventTypes: ['transformation.completed'] });
    answerWith(500, {}, 'x'.repeat(5_000));
    await user.submit(image).expect(201);
    const [failed] = await settled(id);
    expect(failed).toMatchObject({
      status: 'pending',
      attempts: 1,
      response: { status: 500, body: 'x'.repeat(2_048) },
      error: 'The endpoint answered 500.',
    });
    answerWith(200);
    await hurry(id);
    const [first, second] = (await received(2)) as [Received, Received];
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.body).toBe(first.body);
    expect(verified(secret, second)).toEqual(verified(secret, first));
    await until(
      () => deliveries(id),
      ([{ status }]) => status === 'delivered',
    );
    const [row] = await app.dataSource.query(
      `SELECT failing_since FROM webhook_endpoints WHERE id = $1`,
      [id],
    );
    expect(row.failing_since).toBeNull();
  });

  it('is given up after ten attempts, and can have the event again', async () => {
    const { id } = await create({ eventTypes: ['transformation.completed'] });
    answerWith(404);
    await user.submit(image).expect(201);
    for (let attempt = 1; attempt <= 10; attempt++) {
      await received(attempt);
      await until(
        () => deliveries(id),
        ([{ attempts }]) => attempts === attempt,
      );
      await hurry(id);
    }
    const [given] = await deliveries(id);
    expect(given).toMatchObject({ status: 'failed', attempts: 10, nextAttemptAt: null });
    receiver.answer = usual;
    const path = `/v1/webhook-endpoints/${id}/deliveries/${given.id}`;
    const { body } = await user.post(`${path}/redeliver`).expect(202);
    expect(body).toMatchObject({ status: 'pending', attempts: 0 });
    await until(
      () => user.get(path).expect(200),
      ({ body: { status } }) => status === 'delivered',
    );
    expect((await received(11)).at(-1)?.headers['webhook-id']).toBe(given.id);
  });

  it.each([429, 503])(
    'is given the pause that its Retry-After asks for with %s',
    async (status) => {
      const { id } = await create({ eventTypes: ['transformation.completed'] });
      answerWith(status, { 'retry-after': '3600' });
      await user.submit(image).expect(201);
      const [{ nextAttemptAt, attemptedAt }] = (await settled(id)) as unknown as [
        { nextAttemptAt: string; attemptedAt: string },
      ];
      const pause = Date.parse(nextAttemptAt) - Date.parse(attemptedAt);
      expect(Math.round(pause / 1000)).toBe(3600);
    },
  );

  it('is not followed when it redirects', async () => {
    const { id } = await create({ eventTypes: ['transformation.completed'] });
    answerWith(302, { location: `${receiver.url}/elsewhere` });
    await user.submit(image).expect(201);
    const [delivery] = await settled(id);
    expect(delivery).toMatchObject({ status: 'pending', response: { status: 302 } });
    expect(receiver.received).toHaveLength(1);
  });

  it('is not called when its name leads inside, and the log does not say where', async () => {
    const { id } = await create({ eventTypes: ['transformation.completed'] });
    await app.dataSource.query(
      `UPDATE webhook_endpoints SET url = 'http://10.0.0.1/' WHERE id = $1`,
      [id],
    );
    await user.submit(image).expect(201);
    const [delivery] = await settled(id);
    expect(delivery).toMatchObject({
      status: 'pending',
      response: null,
      error: 'We do not call this URL. Its host does not lead to a public address.',
    });
  });

  describe('that answers no more', () => {
    const mails: { to: string; subject: string; text: string }[] = [];
    beforeAll(() => {
      const mail = app.app.get(Mail);
      mail.send = (_manager, message) => {
        mails.push(message);
        return Promise.resolve();
      };
    });
    beforeEach(() => void (mails.length = 0));

    it('is disabled at once by 410, and its owner told once', async () => {
      const { id } = await create();
      answerWith(410);
      await user.submit(image).expect(201);
      await until(
        () => user.get(`/v1/webhook-endpoints/${id}`),
        ({ body }) => body.enabled === false,
      );
      const { body } = await user.get(`/v1/webhook-endpoints/${id}`).expect(200);
      expect(body.disabledReason).toBe('gone');
      await until(
        () => mails.length,
        (count) => count > 0,
      );
      expect(mails).toEqual([expect.objectContaining({ to: user.email })]);
      expect(mails[0]?.text).toContain(`/v1/webhook-endpoints/${id}`);
    });

    it('is disabled when nothing got through in five days, not before', async () => {
      const { id } = await create({ eventTypes: ['transformation.completed'] });
      const failing = (since: string) =>
        app.dataSource.query(
          `UPDATE webhook_endpoints SET failing_since = now() - $2::interval WHERE id = $1`,
          [id, since],
        );
      const enabled = async () =>
        (await user.get(`/v1/webhook-endpoints/${id}`).expect(200)).body.enabled;
      answerWith(500);
      await failing('4 days 23 hours');
      await user.submit(image).expect(201);
      await settled(id);
      expect(await enabled()).toBe(true);
      await failing('5 days 1 minute');
      await hurry(id);
      await until(enabled, (is) => !is);
      expect(mails).toHaveLength(1);

      // What happens now is kept, and sent when it is back.
      await user.submit(image).expect(201);
      receiver.answer = usual;
      receiver.received.length = 0;
      expect((await deliveries(id)).map(({ status }: { status: string }) => status)).toEqual([
        'skipped',
        'skipped',
      ]);
      await user.patch(`/v1/webhook-endpoints/${id}`).send({ enabled: true }).expect(200);
      const { body } = await user.post(`/v1/webhook-endpoints/${id}/replay`).send({}).expect(202);
      expect(body).toEqual({ count: 2, nextSince: null });
      await received(2);
    });
  });

  it('that is slow holds four places, and delays no other', async () => {
    const other = await registered(app);
    const { id } = await create({ eventTypes: ['transformation.completed'] });
    await create({ eventTypes: ['transformation.completed'] }, other);
    const hanging: (() => void)[] = [];
    receiver.answer = ({ path }, response) => {
      if (path === `/${user.id}`) hanging.push(() => response.end());
      else response.end();
    };
    await Promise.all(Array.from({ length: 7 }, () => user.submit(image).expect(201)));
    await until(
      () => hanging.length,
      (count) => count === 4,
    );
    await other.submit(image).expect(201);
    await received(1, other);
    expect(hanging).toHaveLength(4);
    for (let next = hanging.shift(); next; next = hanging.shift()) {
      next();
      await until(
        () =>
          hanging.length +
          (7 - receiver.received.filter(({ path }) => path === `/${user.id}`).length),
        (left) => left === 0 || hanging.length > 0,
      );
    }
    await until(
      () => deliveries(id),
      (all: { status: string }[]) => all.every(({ status }) => status === 'delivered'),
    );
    expect(await received(7)).toHaveLength(7);
  });

  it('gets everything since a time again, with the ids that it knows', async () => {
    const { id } = await create({ eventTypes: ['transformation.completed'] });
    await user.submit(image).expect(201);
    await settled(id, 1);
    const [first] = await deliveries(id);
    await user.submit(image).expect(201);
    await settled(id, 2);
    const since = new Date(Date.parse(first.occurredAt) + 1).toISOString();
    const { body } = await user
      .post(`/v1/webhook-endpoints/${id}/replay`)
      .send({ since })
      .expect(202);
    expect(body).toEqual({ count: 1, nextSince: null });
    const ids = (await received(3)).map(({ headers }) => headers['webhook-id']);
    expect(ids[2]).toBe(ids[1]);
  });

  it('can be tried with a test event', async () => {
    const { id, secret } = await create({ eventTypes: ['style.ready'] });
    const { body } = await user.post(`/v1/webhook-endpoints/${id}/test`).expect(202);
    expect(body).toMatchObject({ eventType: 'webhook.test', status: 'pending' });
    const [one] = (await received(1)) as [Received];
    expect(verified(secret, one)).toMatchObject({ type: 'webhook.test', data: { endpointId: id } });
  });

  it('gets nothing once it is deleted, and what it got is forgotten after 30 days', async () => {
    const { id } = await create({ eventTypes: ['transformation.completed'] });
    await user.submit(image).expect(201);
    await settled(id);
    await user.delete(`/v1/webhook-endpoints/${id}`).expect(204);
    await user.submit(image).expect(201);
    const count = async () =>
      (
        await app.dataSource.query<{ count: number }[]>(
          `SELECT count(*)::int AS count FROM webhook_deliveries WHERE endpoint_id = $1`,
          [id],
        )
      )[0]?.count;
    expect(await count()).toBe(1);
    await app.dataSource.query(
      `UPDATE webhook_deliveries SET occurred_at = now() - interval '30 days 1 minute' WHERE endpoint_id = $1`,
      [id],
    );
    await app.app.get(WebhookHousekeeping).run();
    expect(await count()).toBe(0);
  });
});

describe('a delivery', () => {
  it('is made again when the process that was making it is killed', async () => {
    const receiver = await startReceiver();
    const app = await replica();
    const worker = await startWorker({
      ...testEnvironment(app.databaseUrl, app.config.STORAGE_DIR),
      ...CALLS_TO_TESTS,
    });
    try {
      const usual = receiver.answer;
      receiver.answer = () => undefined;
      const user = await registered(app);
      const { body } = await user
        .post('/v1/webhook-endpoints')
        .send({ url: receiver.url })
        .expect(201);
      const { body: sent } = await user.post(`/v1/webhook-endpoints/${body.id}/test`).expect(202);
      await until(receiver.open, (open) => open === 1);
      await worker.kill();
      receiver.answer = usual;
      const state = async () =>
        (await user.get(`/v1/webhook-endpoints/${body.id}/deliveries/${sent.id}`).expect(200)).body;
      expect(await state()).toMatchObject({ status: 'pending', attempts: 0 });

      // Half a minute later, when the dead process's claim has run out.
      await app.dataSource.query(
        `UPDATE webhook_deliveries SET due_at = due_at - interval '30 s', claimed_until = claimed_until - interval '30 s'`,
      );
      app.app.get(DispatchWebhooks).start();
      await until(state, ({ status }) => status === 'delivered');
      expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
        sent.id,
        sent.id,
      ]);
    } finally {
      await worker.kill();
      await app.close();
      await receiver.close();
    }
  });

  it('is made once, though three processes look for it', async () => {
    const receiver = await startReceiver();
    const first = await replica();
    const apps = [first, ...(await Promise.all([1, 2].map(() => replica(first.databaseUrl))))];
    try {
      for (const { app } of apps) app.get(DispatchWebhooks).start();
      const user = await registered(first);
      const { body } = await user
        .post('/v1/webhook-endpoints')
        .send({ url: receiver.url })
        .expect(201);
      const path = `/v1/webhook-endpoints/${body.id}`;
      let most = 0;
      receiver.answer = (_request, response) => {
        most = Math.max(most, receiver.open());
        setImmediate(() => response.end());
      };
      await Promise.all(Array.from({ length: 30 }, () => user.post(`${path}/test`).expect(202)));
      const { items } = await until(
        async () => (await user.get(`${path}/deliveries?limit=100`).expect(200)).body,
        (page) => page.items.every(({ status }: { status: string }) => status === 'delivered'),
      );
      expect(items).toHaveLength(30);
      expect(receiver.received).toHaveLength(30);
      expect(most).toBeLessThanOrEqual(4);
    } finally {
      for (const app of apps.toReversed()) await app.close();
      await receiver.close();
    }
  });
});
