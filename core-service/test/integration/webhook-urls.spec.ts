import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { picture } from '../factories/images.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectNoTraces, useTestApp, useUser } from '../support/fixtures.js';
import { CALLS_TO_TESTS } from '../support/outgoing.js';
import { expectProblem } from '../support/problems.js';
import { type Received, type Receiver, startReceiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const image = await picture();
const PATH = '/v1/webhook-endpoints';

describe('the webhookUrl of a submission', () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference, env: CALLS_TO_TESTS });
  const user = useUser(app, beforeEach, 1_000);
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => {
    receiver.received.length = 0;
    inference.ready = true;
  });
  afterAll(() => receiver.close());

  const signing = async () => (await user.post(PATH).send({}).expect(201)).body;
  const submit = (path: string) => user.submit(image).field('webhookUrl', `${receiver.url}${path}`);
  const received = (count: number) =>
    until(
      () => receiver.received,
      (all) => all.length >= count,
    );

  it('gets the end of that transformation alone, signed with the account’s secret', async () => {
    const { id, secret } = await signing();
    const { body } = await submit('/one').expect(201);
    await user.submit(image).expect(201);
    inference.ready = false;
    const { body: waiting } = await submit('/two').set('prefer', 'respond-async').expect(202);
    await user.post(`/v1/transformations/${waiting.id}/cancel`).expect(200);
    const all = await received(2);
    const told = all.map(({ path, headers, body }) => [
      path,
      new Webhook(secret).verify(body, headers as Record<string, string>),
    ]);
    expect(told).toEqual(
      expect.arrayContaining([
        [
          '/one',
          expect.objectContaining({
            type: 'transformation.completed',
            data: { id: body.id, status: 'completed', price: 10, resultUrl: body.resultUrl },
          }),
        ],
        ['/two', expect.objectContaining({ type: 'transformation.cancelled' })],
      ]),
    );
    expect(told).toHaveLength(2);
    const log = await user.get(`${PATH}/${id}/deliveries`).expect(200);
    expect(log.body.items.map(({ request }: { request: { url: string } }) => request.url)).toEqual([
      `${receiver.url}/two`,
      `${receiver.url}/one`,
    ]);
  });

  it('is called besides the endpoints of the user, each once', async () => {
    await signing();
    const body = { url: `${receiver.url}/endpoint`, eventTypes: ['transformation.completed'] };
    await user.post(PATH).send(body).expect(201);
    await submit('/mine').expect(201);
    const all = await received(2);
    expect(all.map(({ path }: Received) => path).toSorted()).toEqual(['/endpoint', '/mine']);
    expect(new Set(all.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('does not disable the endpoint by a 410 of one of many', async () => {
    const usual = receiver.answer;
    receiver.answer = (_request, response) => void response.writeHead(410).end();
    const { id } = await signing();
    await submit('/gone').expect(201);
    await until(
      () => user.get(`${PATH}/${id}/deliveries`),
      ({ body }) => body.items[0]?.status === 'failed',
    );
    receiver.answer = usual;
    await submit('/here').expect(201);
    await received(2);
  });

  it('is part of what an idempotency key stands for', async () => {
    await signing();
    await submit('/a').set('idempotency-key', 'k').expect(201);
    const other = await submit('/b').set('idempotency-key', 'k');
    expectProblem(other, 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  describe('is refused before a token is held', () => {
    expectNoTraces(app, user);

    it('without a secret to sign with', async () => {
      expectProblem(await submit('/x'), 409, 'WEBHOOK_SECRET_REQUIRED');
    });

    it('while its endpoint is disabled', async () => {
      const { id } = await signing();
      await user.patch(`${PATH}/${id}`).send({ enabled: false }).expect(200);
      expectProblem(await submit('/x'), 409, 'WEBHOOK_ENDPOINT_DISABLED');
    });

    it('when it leads inside, or is no URL', async () => {
      await signing();
      for (const url of ['http://169.254.169.254/', 'http://10.0.0.1/', 'ftp://example.com/'])
        expectProblem(await user.submit(image).field('webhookUrl', url), 422, 'URL_NOT_ALLOWED');
      const none = await user.submit(image).field('webhookUrl', 'my server');
      expectProblem(none, 400, 'VALIDATION_FAILED');
    });
  });
});
