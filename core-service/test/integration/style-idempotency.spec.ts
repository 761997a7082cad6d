import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { InferenceError } from '../../src/inference/inference.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';
import { uploadMemory } from '../support/traces.js';

const image = await picture({ width: 32, height: 32 });

describe('an Idempotency-Key on a new style', () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference, worker: false });
  const user = useUser(app, beforeEach);
  afterEach(async () => {
    await expectExactLedger(app.dataSource);
    expect(uploadMemory(app)).toBe(0);
  });

  const create = (key: string, bytes = image, name = 'Quilt') =>
    user.createStyle(bytes, name).set('idempotency-key', key);
  const isReplay = ({ headers }: Response) => headers['idempotency-replayed'] === 'true';
  const spent = async () => {
    const { hold = [], settle = [], release = [] } = await transfersOf(app.dataSource, user.id);
    return { hold, settle, release };
  };
  const once = { hold: [5], settle: [5], release: [] };

  it('makes one style and one charge from 20 posts at once', async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, async () => create('at once')));
    const made = responses.filter(({ status }) => status === 201);
    expect(made.filter((response) => !isReplay(response))).toHaveLength(1);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    for (const response of responses.filter(({ status }) => status !== 201))
      expectProblem(response, 409, 'IDEMPOTENCY_KEY_IN_USE');
    expect(await spent()).toEqual(once);
  });

  it('returns the same answer again', async () => {
    const first = await create('again').expect(201);
    const second = await create('again').expect(201);
    expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
    expect(second.body).toEqual(first.body);
    for (const header of ['x-tokens-charged', 'x-tokens-available'])
      expect(second.headers[header]).toBe(first.headers[header]);
    expect(await spent()).toEqual(once);
  });

  it('is refused for another name, another image or a transformation, and not shared by users', async () => {
    const { body } = await create('taken').expect(201);
    const other = await picture({ width: 32, height: 32, seed: 2 });
    for (const response of [
      await create('taken', image, 'Rug'),
      await create('taken', other),
      await user.submit(image).set('idempotency-key', 'taken'),
    ])
      expectProblem(response, 422, 'IDEMPOTENCY_KEY_REUSED');
    expect(await spent()).toEqual(once);

    const stranger = await registered(app);
    const theirs = stranger.createStyle(image).set('idempotency-key', 'taken');
    expect((await theirs.expect(201)).body.id).not.toBe(body.id);
  });

  it('can be reused after a refusal and after a failure', async () => {
    const broken = image.subarray(0, image.length / 2);
    for (let i = 0; i < 2; i++) expectProblem(await create('bad', broken), 422, 'IMAGE_UNREADABLE');
    const usual = inference.encode;
    inference.encode = () =>
      Promise.reject(new InferenceError('unavailable', 'full', { retryAfterSeconds: 60 }));
    for (let i = 0; i < 2; i++) expectProblem(await create('failed'), 503, 'INFERENCE_UNAVAILABLE');
    inference.encode = usual;
    expect(isReplay(await create('failed').expect(201))).toBe(false);
    expect(await spent()).toEqual({ hold: [5, 5, 5], settle: [5], release: [5, 5] });
  });

  it('returns a style whose answer was lost, until the style is deleted', async () => {
    const { body } = await create('lost').expect(201);
    const loseAnswer = () =>
      app.dataSource.query(
        `UPDATE idempotency_keys SET answer = NULL, claimed_until = now() WHERE user_id = $1`,
        [user.id],
      );
    await loseAnswer();
    const again = await create('lost').expect(201).expect('x-tokens-charged', '5');
    expect([again.body, isReplay(again)]).toEqual([body, true]);
    await user.delete(`/v1/styles/${body.id}`).expect(204);
    expectProblem(await create('lost'), 404, 'STYLE_NOT_FOUND');
    expect(await spent()).toEqual(once);
  });

  it('makes one style when taken over: the late request is refused and not charged', async () => {
    const held = inference.holdNextEncoding();
    const slow = create('slow').then((response) => response);
    await held.begun;
    expectProblem(await create('slow'), 409, 'IDEMPOTENCY_KEY_IN_USE');
    await app.dataSource.query(`UPDATE idempotency_keys SET claimed_until = now()`);
    const { body } = await create('slow').expect(201);
    held.release();
    expectProblem(await slow, 409, 'IDEMPOTENCY_KEY_IN_USE');
    expect(await spent()).toEqual({ hold: [5, 5], settle: [5], release: [5] });
    expect((await create('slow').expect(201)).body).toEqual(body);
  });

  it('has 255 characters at most', async () => {
    expectProblem(await create('k'.repeat(256)), 400, 'VALIDATION_FAILED');
    await create('k'.repeat(255)).expect(201);
  });
});
