import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { InferenceError } from '../../src/inference/inference.js';
import { TransformationLifecycle } from '../../src/transformations/transformation-lifecycle.js';
import { keyOf } from '../factories/api-keys.js';
import { picture } from '../factories/images.js';
import { FakeInference } from '../support/fake-inference.js';
import { MANY, useTestApp, useUser } from '../support/fixtures.js';
import { expectExactLedger } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';

const image = await picture({ width: 32, height: 32 });

describe("an API key's budget", () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference, worker: false });
  const user = useUser(app, beforeEach, MANY);
  afterEach(() => expectExactLedger(app.dataSource));

  const withBudget = (budget: object) => keyOf(app, user, { budget });
  const spent = async () => (await user.get('/v1/api-keys').expect(200)).body.items[0].spent;
  const atOnce = (count: number, send: () => Promise<Response>) =>
    Promise.all(Array.from({ length: count }, send));
  const codesOf = (answers: Response[]) =>
    Object.fromEntries(
      [...Map.groupBy(answers, ({ status, body }) => `${status} ${body.code ?? ''}`.trim())].map(
        ([code, all]) => [code, all.length],
      ),
    );
  /** As if the key's holds had been made on the day before. */
  const aDayPasses = async () => {
    await app.dataSource.query(`UPDATE api_key_budgets SET day = day - 1`);
    await app.dataSource.query(`ALTER TABLE holds DISABLE TRIGGER holds_append_only`);
    await app.dataSource.query(`UPDATE holds SET created_at = created_at - interval '1 day'`);
    await app.dataSource.query(`ALTER TABLE holds ENABLE TRIGGER holds_append_only`);
  };

  it.each(['perDay', 'total'])(
    '%s of 10 submissions lets 10 of 50 at once through',
    async (kind) => {
      const { submit } = await withBudget({ [kind]: 109 });
      const answers = await atOnce(50, async () => submit(image).set('prefer', 'respond-async'));
      expect(codesOf(answers)).toEqual({ '202': 10, '402 KEY_BUDGET_EXCEEDED': 40 });
      expect(await spent()).toEqual({ today: 100, total: 100 });
      expect(await user.balance()).toEqual({ available: MANY, held: 100 });
    },
  );

  it('counts custom styles too, exactly', async () => {
    const { createStyle } = await withBudget({ perDay: 15 });
    const answers = await atOnce(10, async () => createStyle(image));
    expect(codesOf(answers)).toEqual({ '201': 3, '402 KEY_BUDGET_EXCEEDED': 7 });
    expect(await spent()).toEqual({ today: 15, total: 15 });
  });

  it('gets the tokens of a cancelled transformation and of a failed style back', async () => {
    const { submit, post, createStyle, enqueue } = await withBudget({ perDay: 10, total: 10 });
    const id = await enqueue(image);
    expectProblem(await submit(image), 402, 'KEY_BUDGET_EXCEEDED');
    await post(`/v1/transformations/${id}/cancel`).expect(200);
    expect(await spent()).toEqual({ today: 0, total: 0 });

    const { encode } = inference;
    inference.encode = () => Promise.reject(new InferenceError('rejected', 'for the test'));
    expect((await createStyle(image)).status).toBeGreaterThanOrEqual(400);
    inference.encode = encode;
    expect(await spent()).toEqual({ today: 0, total: 0 });
    await enqueue(image);
  });

  it('gets them back once when two endings come at once', async () => {
    const { enqueue } = await withBudget({ total: 20 });
    const id = await enqueue(image);
    const lifecycle = app.app.get(TransformationLifecycle);
    const failing = () => lifecycle.fail(id, { code: 'TRANSFORMATION_FAILED', detail: 'x' });
    await Promise.all([failing(), failing(), lifecycle.cancel(id).catch(() => undefined)]);
    expect(await spent()).toEqual({ today: 0, total: 0 });
  });

  it('keeps what was paid', async () => {
    const { enqueue, submit } = await withBudget({ total: 10 });
    const id = await enqueue(image);
    const lifecycle = app.app.get(TransformationLifecycle);
    await lifecycle.claim(id);
    const done = { resultKey: 'results/x.jpg', bytes: 1, digest: 'd'.repeat(64), inferenceMs: 1 };
    await lifecycle.complete(id, done);
    expect(await spent()).toEqual({ today: 10, total: 10 });
    expectProblem(await submit(image), 402, 'KEY_BUDGET_EXCEEDED');
  });

  it('of a day starts anew on the next, and a later refund gives nothing to that day', async () => {
    const { enqueue, post, submit } = await withBudget({ perDay: 10, total: 30 });
    const id = await enqueue(image);
    await aDayPasses();
    expect(await spent()).toEqual({ today: 0, total: 10 });
    await enqueue(image);
    expect(await spent()).toEqual({ today: 10, total: 20 });
    await post(`/v1/transformations/${id}/cancel`).expect(200);
    expect(await spent()).toEqual({ today: 10, total: 10 });
    const refused = await submit(image);
    expectProblem(refused, 402, 'KEY_BUDGET_EXCEEDED');
    expect(refused.body.detail).toContain('midnight UTC');
  });

  it("is each key's own, and none of the user's", async () => {
    const first = await withBudget({ total: 10 });
    const second = await withBudget({ total: 10 });
    await first.enqueue(image);
    expectProblem(await first.submit(image), 402, 'KEY_BUDGET_EXCEEDED');
    await second.enqueue(image);
    await user.enqueue(image);
    expect(await spent()).toEqual({ today: 10, total: 10 });
  });

  it('is charged once for a repeated request', async () => {
    const { submit } = await withBudget({ total: 100 });
    const send = () =>
      submit(image).set('idempotency-key', 'once').set('prefer', 'respond-async').expect(202);
    await send();
    await send();
    expect(await spent()).toEqual({ today: 10, total: 10 });
  });

  it('costs a caller without a key no statement, and a key no round trip', async () => {
    const { enqueue } = await withBudget({ total: 100 });
    const { logger } = app.dataSource;
    const statements = async (send: () => Promise<unknown>) => {
      const seen: string[] = [];
      app.dataSource.setOptions({ logging: ['query'] });
      app.dataSource.logger = { ...logger, logQuery: (query: string) => seen.push(query) } as never;
      await send().finally(() => {
        app.dataSource.logger = logger;
        app.dataSource.setOptions({ logging: false });
      });
      const relevant = seen.filter((query) => /transformations|hold_tokens|budget/.test(query));
      return relevant.filter((query) => !query.includes('completed_at'));
    };
    const own = await statements(() => user.enqueue(image));
    expect(own.filter((query) => query.includes('hold_tokens('))).toHaveLength(1);
    expect(own.join()).not.toMatch(/api_key_budgets|hold_tokens_of_key/);
    const byKey = await statements(() => enqueue(image));
    expect(byKey.map((query) => query.replace(/hold_tokens_of_key\(.*\)/, 'hold'))).toEqual(
      own.map((query) => query.replace(/hold_tokens\(.*\)/, 'hold')),
    );
  });
});
