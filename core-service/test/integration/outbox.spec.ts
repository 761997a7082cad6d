import { describe, expect, it } from '@jest/globals';
import { InferenceError } from '../../src/inference/inference.js';
import { Transaction } from '../../src/database/transaction.js';
import { Outbox } from '../../src/events/outbox.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { TransformationLifecycle } from '../../src/transformations/transformation-lifecycle.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { type TestApp } from '../support/test-app.js';

/** Oldest first. */
const eventsOf = (app: TestApp, { id }: TestUser) =>
  app.dataSource.query<{ type: string; subject: string; data: unknown }[]>(
    `SELECT type, subject_id AS subject, data FROM domain_events WHERE user_id = $1 ORDER BY created_at`,
    [id],
  );

const image = await picture();

describe('the outbox', () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference });

  it('contains every status change of a transformation after submission', async () => {
    const user = await registered(app);
    const { submit, post } = user;
    const { body: completed } = await submit(image).expect(201);
    const usual = inference.conduct;
    inference.conduct = () => Promise.reject(new InferenceError('rejected', 'for the test'));
    const failed = await submit(image).expect(500);
    inference.conduct = usual;
    inference.ready = false;
    const { body: cancelled } = await submit(image).set('prefer', 'respond-async').expect(202);
    await post(`/v1/transformations/${cancelled.id}/cancel`).expect(200);
    inference.ready = true;

    const subject = failed.headers['x-transformation-id'];
    expect(await eventsOf(app, user)).toEqual([
      { type: 'transformation.processing', subject: completed.id, data: {} },
      { type: 'transformation.completed', subject: completed.id, data: {} },
      { type: 'transformation.processing', subject, data: {} },
      { type: 'transformation.failed', subject, data: {} },
      { type: 'transformation.cancelled', subject: cancelled.id, data: {} },
    ]);
  });

  it('contains ready styles, and no failed ones', async () => {
    const user = await registered(app);
    const { body } = await user.createStyle(image).expect(201);
    const { encode } = inference;
    inference.encode = () => Promise.reject(new InferenceError('rejected', 'for the test'));
    await user.createStyle(image, 'Another').expect(500);
    inference.encode = encode;
    expect(await eventsOf(app, user)).toEqual([
      { type: 'style.ready', subject: body.id, data: {} },
    ]);
  });

  it('contains nothing for a rolled-back change or a change without effect', async () => {
    const user = await registered(app);
    const { body } = await user.submit(image).expect(201);
    const before = await eventsOf(app, user);
    const lifecycle = app.app.get(TransformationLifecycle);
    expect(await lifecycle.fail(body.id, { code: 'X', detail: 'too late' })).toBeUndefined();
    const event = { type: 'tokens.low', userId: user.id, subjectId: user.id } as const;
    const rolledBack = app.app.get(Transaction).run(async (manager) => {
      await app.app.get(Outbox).record(manager, event);
      throw new Error('something after it');
    });
    await expect(rolledBack).rejects.toThrow('something after it');
    expect(await eventsOf(app, user)).toEqual(before);
  });

  it('contains one low-tokens event each time the balance falls below the threshold', async () => {
    const user = await registered(app);
    const submitted = (times: number) =>
      Promise.all(Array.from({ length: times }, () => user.submit(image).expect(201)));
    const low = async () =>
      (await eventsOf(app, user))
        .filter(({ type }) => type === 'tokens.low')
        .map(({ data }) => data);
    // 100 tokens, 10 for each image, threshold 20.
    await submitted(8);
    expect(await low()).toEqual([]);
    await submitted(2);
    expect(await low()).toEqual([{ available: 10, threshold: 20 }]);
    await app.app.get(TokensService).grant(user.id, 15, 'for the test');
    await submitted(1);
    expect(await low()).toHaveLength(1);
    await app.app.get(TokensService).grant(user.id, 20, 'for the test');
    await submitted(1);
    expect(await low()).toEqual([
      { available: 10, threshold: 20 },
      { available: 15, threshold: 20 },
    ]);
  });

  it('loses events past retention in batches, oldest first', async () => {
    const user = await registered(app);
    await user.submit(image).expect(201);
    await app.dataSource.query(
      `UPDATE domain_events SET created_at = now() - interval '8 days'
        WHERE user_id = $1 AND type = 'transformation.processing'`,
      [user.id],
    );
    const outbox = app.app.get(Outbox);
    expect(await outbox.deleteBefore(new Date(Date.now() - 7 * 86_400_000), 10)).toBe(1);
    expect((await eventsOf(app, user)).map(({ type }) => type)).toEqual([
      'transformation.completed',
    ]);
  });
});
