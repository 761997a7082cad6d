import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Worker } from '../../src/transformations/processing/worker.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { ended } from '../support/outcome.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

let app: TestApp;
const inference = new FakeInference();

beforeAll(async () => {
  app = await startTestApp({ inference, worker: false, env: { WORKER_CONCURRENCY: '1' } });
});
afterAll(() => app.close());

it('alternates between a user with a batch and a later user with less', async () => {
  const [busy, late] = [await registered(app), await registered(app)];
  const image = await picture();
  const ids: string[] = [];
  const submit = async (user: typeof busy, name: string) => {
    const { body } = await user
      .submit(image)
      .set('x-request-id', name)
      .set('prefer', 'respond-async')
      .expect(202);
    ids.push(body.id);
  };
  for (let i = 1; i <= 6; i++) await submit(busy, `busy-${i}`);
  for (let i = 1; i <= 2; i++) await submit(late, `late-${i}`);

  await app.app.get(Worker).start();
  for (const id of ids) await ended(app, id);
  expect(inference.seen).toEqual([
    'busy-1',
    'late-1',
    'busy-2',
    'late-2',
    'busy-3',
    'busy-4',
    'busy-5',
    'busy-6',
  ]);
});

it('processes a small image while large ones are running', async () => {
  const user = await registered(app);
  const submit = async (strokeScale: string) => {
    const response = await user
      .submit(await picture())
      .field('maxSize', '1300')
      .field('strokeScale', strokeScale)
      .set('prefer', 'respond-async')
      .expect(202);
    return response.body.id as string;
  };
  const held = inference.holdNext();
  const large = [await submit('0.5'), await submit('0.5')];
  await held.begun;
  await ended(app, await submit('1'));
  const { body } = await user.get(`/v1/transformations/${large[1]}`).expect(200);
  expect(body.status).toBe('pending');
  held.release();
  for (const id of large) await ended(app, id);
});
