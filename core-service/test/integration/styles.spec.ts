import { afterEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { InferenceError } from '../../src/inference/inference.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import { StyleHousekeeping } from '../../src/styles/style-housekeeping.js';
import { StyleLifecycle } from '../../src/styles/style-lifecycle.js';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import { ProcessTransformation } from '../../src/transformations/processing/process-transformation.js';
import { picture } from '../factories/images.js';
import { principalOf, registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';
import { StubbornStorage } from '../support/stubborn-storage.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { storedFiles } from '../support/traces.js';

const image = await picture({ width: 32, height: 32 });

describe('custom styles', () => {
  let app: TestApp;
  let inference: FakeInference;
  let user: TestUser;
  const start = async (env: Record<string, string> = {}, storage?: DiskStorage) => {
    inference = new FakeInference();
    app = await startTestApp({ inference, storage, env, worker: false });
    user = await registered(app);
  };
  afterEach(async () => {
    await expectExactLedger(app.dataSource);
    await app.close();
  });

  const nothing = () => Promise.resolve();
  const aCode = { code: [1], model: 'model-1' };
  const create = (of = user) => of.createStyle(image);
  const created = async (): Promise<string> => (await create().expect(201)).body.id;
  const createAtOnce = (count: number): Promise<Response[]> =>
    Promise.all(Array.from({ length: count }, async () => create()));
  const remove = (id: string) => user.delete(`/v1/styles/${id}`);
  const own = async (): Promise<string[]> => {
    const { body } = await user.get('/v1/styles').expect(200);
    return body.items
      .filter(({ kind }: { kind: string }) => kind === 'custom')
      .map(({ id }: { id: string }) => id);
  };
  const housekeeping = () => app.app.get(StyleHousekeeping).run();
  const tokensSpent = async () => {
    const moved = await transfersOf(app.dataSource, user.id);
    delete moved.signup_grant;
    return moved;
  };

  describe('cost', () => {
    it('the configured price: 3 of 10 at once succeed when the balance pays for 3', async () => {
      await start({ STYLE_PRICE_TOKENS: '30' });
      const responses = await createAtOnce(10);
      expect(responses.filter(({ status }) => status === 201)).toHaveLength(3);
      for (const response of responses.filter(({ status }) => status !== 201))
        expectProblem(response, 402, 'INSUFFICIENT_TOKENS');
      expect(await user.balance()).toEqual({ available: 10, held: 0 });
      expect(await own()).toHaveLength(3);
      // An image and a preview each.
      expect(await storedFiles(app)).toHaveLength(6);
      expect(inference.encoded).toHaveLength(3);
    });

    it('nothing and hold nothing when they are free', async () => {
      await start({ STYLE_PRICE_TOKENS: '0', SIGN_UP_GRANT: '0' });
      await create().expect(201).expect('x-tokens-charged', '0').expect('x-tokens-available', '0');
      inference.encode = () => Promise.reject(new InferenceError('rejected', 'no'));
      expect((await create()).status).toBe(500);
      expect(await own()).toHaveLength(1);
      expect(await transfersOf(app.dataSource, user.id)).toEqual({});
    });

    it('nothing when they fail for any reason', async () => {
      await start();
      const [encode, conduct] = [inference.encode, inference.conduct];
      const failures: [() => void, number, string][] = [
        [
          () =>
            (inference.encode = () =>
              Promise.reject(
                new InferenceError('unavailable', 'full', {
                  retryAfterSeconds: 60,
                }),
              )),
          503,
          'INFERENCE_UNAVAILABLE',
        ],
        [
          () =>
            (inference.encode = () =>
              Promise.reject(new InferenceError('rejected', 'x', { code: 'IMAGE_UNREADABLE' }))),
          422,
          'IMAGE_UNREADABLE',
        ],
        [
          () =>
            (inference.conduct = () =>
              Promise.resolve({ jpeg: Buffer.from('<h1>'), inferenceMs: 1 })),
          500,
          'INTERNAL',
        ],
      ];
      for (const [breaks, status, code] of failures) {
        Object.assign(inference, { encode, conduct });
        breaks();
        const response = await create();
        expectProblem(response, status, code);
        if (status === 503) expect(response.headers['retry-after']).toBe('60');
        expect(await user.balance()).toEqual({ available: 100, held: 0 });
      }
      expect(await tokensSpent()).toEqual({ hold: [5, 5, 5], release: [5, 5, 5] });
      expect(await own()).toEqual([]);
      expect(await storedFiles(app)).toEqual([]);
    });

    it('nothing when the preview cannot be stored', async () => {
      const storage = new StubbornStorage();
      await start({}, storage);
      storage.refuses = (what) => what === 'put';
      expectProblem(await create(), 503, 'STORAGE_UNAVAILABLE');
      expect(await tokensSpent()).toEqual({ hold: [5], release: [5] });
      await storage.remove();
    });

    it('their price at most once, whether completion or failure comes first', async () => {
      await start({ SIGN_UP_GRANT: '1000' });
      const lifecycle = app.app.get(StyleLifecycle);
      for (let round = 0; round < 20; round++) {
        const { style } = await lifecycle.begin(principalOf(user), 'Quilt');
        const ends = [() => lifecycle.complete(style, aCode, nothing), () => lifecycle.fail(style)];
        if (round % 2) ends.reverse();
        const ended = await Promise.all([...ends, ...ends].map((end) => end()));
        expect(ended.filter(Boolean)).toHaveLength(1);
      }
      const { hold = [], settle = [], release = [] } = await tokensSpent();
      expect(hold).toHaveLength(20);
      expect(settle.length + release.length).toBe(20);
    });

    it('nothing for an account that is missing from the ledger, which gets an error', async () => {
      await start();
      const other = await startTestApp({ inference: new FakeInference(), worker: false });
      try {
        // Signed with the same secret, for a user that this database has never seen.
        const response = await client(other, user).createStyle(image);
        expectProblem(response, 401, 'UNAUTHENTICATED');
      } finally {
        await other.close();
      }
    });
  });

  describe('have a limit', () => {
    it('of 3, even when 10 are created at once; deleting one makes room', async () => {
      await start({ CUSTOM_STYLES_PER_USER: '3' });
      const responses = await createAtOnce(10);
      expect(responses.filter(({ status }) => status === 201)).toHaveLength(3);
      for (const response of responses.filter(({ status }) => status !== 201))
        expectProblem(response, 409, 'STYLE_QUOTA_EXCEEDED');
      expect(await tokensSpent()).toEqual({ hold: [5, 5, 5], settle: [5, 5, 5] });
      // Other users' styles do not count.
      await create(await registered(app)).expect(201);

      const [oldest = ''] = (await own()).toReversed();
      await remove(oldest).expect(204);
      const again = await createAtOnce(4);
      expect(again.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    });

    it('that counts pending ones and not failed ones', async () => {
      await start({ CUSTOM_STYLES_PER_USER: '1' });
      const held = inference.holdNextEncoding();
      const making = create().then(({ status }) => status);
      await held.begun;
      expectProblem(await create(), 409, 'STYLE_QUOTA_EXCEEDED');
      inference.encode = () => Promise.reject(new InferenceError('rejected', 'no'));
      held.release();
      expect(await making).toBe(201);
      await remove(String((await own())[0])).expect(204);
      for (let i = 0; i < 2; i++) expect((await create()).status).toBe(500);
    });

    it('by the rate limit of submissions', async () => {
      await start({ RATE_LIMIT_SUBMIT_PER_MINUTE: '2' });
      await create().expect(201);
      await user.submit(image).set('prefer', 'respond-async').expect(202);
      const response = await create();
      expectProblem(response, 429, 'RATE_LIMITED');
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    });
  });

  describe('whose process died', () => {
    const overdue = () => app.dataSource.query(`UPDATE styles SET pending_until = now()`);

    it('fail and are refunded after minutes, not hours', async () => {
      await start();
      const held = inference.holdNextEncoding();
      const making = create().then((response) => response);
      await held.begun;
      const [hold] = await app.dataSource.query<{ minutes: number }[]>(
        `SELECT extract(epoch FROM h.expires_at - h.created_at)::float / 60 AS minutes
           FROM holds h JOIN styles s ON s.id = h.style_id AND s.pending_until = h.expires_at`,
      );
      expect(hold?.minutes).toBeGreaterThan(1);
      expect(hold?.minutes).toBeLessThan(10);
      await housekeeping();
      expect(await user.balance()).toEqual({ available: 95, held: 5 });

      await overdue();
      // The time limit of transformations does not apply.
      await app.app.get(Housekeeping).run();
      expect(await user.balance()).toEqual({ available: 95, held: 5 });
      await Promise.all([housekeeping(), housekeeping()]);
      expect(await tokensSpent()).toEqual({ hold: [5], release: [5] });

      // If the process was only slow, it comes too late and leaves no files.
      held.release();
      expectProblem(await making, 503, 'INFERENCE_UNAVAILABLE');
      expect(await tokensSpent()).toEqual({ hold: [5], release: [5] });
      expect(await own()).toEqual([]);
      expect(await storedFiles(app)).toEqual([]);
    });

    it('fail also when they were free', async () => {
      await start({ STYLE_PRICE_TOKENS: '0', CUSTOM_STYLES_PER_USER: '1' });
      await app.app.get(StyleLifecycle).begin(principalOf(user), 'Quilt');
      expectProblem(await create(), 409, 'STYLE_QUOTA_EXCEEDED');
      await overdue();
      await housekeeping();
      await create().expect(201);
    });
  });

  describe('that are deleted', () => {
    const process = (id: string) =>
      app.app.get(ProcessTransformation).process({
        transformationId: id,
        requestId: id,
        traceparent: '',
        attempt: 1,
        signal: new AbortController().signal,
      });
    const submitted = async (styles: unknown): Promise<string> => {
      const { body } = await user
        .post('/v1/transformations')
        .attach('image', image, 'photo.jpg')
        .field('styles', JSON.stringify(styles))
        .set('prefer', 'respond-async')
        .expect(202);
      return body.id;
    };
    const statusOf = async (id: string): Promise<string> =>
      (await user.get(`/v1/transformations/${id}`).expect(200)).body.status;
    const deletedHoursAgo = (id: string, hours: number) =>
      app.dataSource.query(
        `UPDATE styles SET deleted_at = now() - $2 * interval '1 hour' WHERE id = $1`,
        [id, hours],
      );
    const kept = async (id: string) =>
      (
        await app.dataSource.query(
          `SELECT name, code IS NOT NULL AS code FROM styles WHERE id = $1`,
          [id],
        )
      )[0];

    it('keep working for accepted jobs, by code, beside a catalogue style', async () => {
      await start();
      const style = await created();
      const code = inference.asked.at(-1)?.styles[0];
      const pending = await submitted([
        { id: style, weight: 3 },
        { id: 'starry-night', weight: 1 },
      ]);
      const begun = await submitted([{ id: style }]);
      const held = inference.holdNext();
      const working = process(begun);
      await held.begun;
      await remove(style).expect(204);
      await housekeeping();

      held.release();
      await working;
      await process(pending);
      expect([await statusOf(begun), await statusOf(pending)]).toEqual(['completed', 'completed']);
      expect(inference.asked.at(-1)?.styles).toEqual([
        { ...code, weight: 0.75 },
        { id: 'starry-night', weight: 0.25 },
      ]);
      expectProblem(await user.submit(image, style), 404, 'STYLE_NOT_FOUND');
    });

    it('are erased once no accepted job can need them', async () => {
      await start({ HOLD_HOURS: '2' });
      const [needed, unneeded, current] = [await created(), await created(), await created()];
      for (const id of [needed, unneeded]) await remove(id).expect(204);
      await deletedHoursAgo(needed, 2.9);
      await deletedHoursAgo(unneeded, 3.1);
      await housekeeping();
      expect(await kept(needed)).toEqual({ name: 'Quilt', code: true });
      expect(await kept(unneeded)).toEqual({ name: '', code: false });
      expect(await kept(current)).toEqual({ name: 'Quilt', code: true });
      expect(await own()).toEqual([current]);
      const { body } = await user.get('/v1/tokens/entries').expect(200);
      expect(body.items.map(({ styleId }: { styleId?: string }) => styleId)).toContain(unneeded);
    });

    it('are deleted once when two requests delete them at the same time', async () => {
      await start();
      const style = await created();
      const statuses = await Promise.all(
        Array.from({ length: 4 }, async () => (await remove(style)).status),
      );
      expect(statuses.sort()).toEqual([204, 404, 404, 404]);
    });

    it('lose their preview later when the disk refuses to delete it', async () => {
      const storage = new StubbornStorage();
      await start({}, storage);
      const style = await created();
      const preview = () => storage.get(`previews/${style}.webp`);
      storage.refuses = (what) => what === 'delete';
      await remove(style).expect(204);
      await housekeeping();
      const left = await preview();
      left?.stream.destroy();
      expect(left?.bytes).toBeGreaterThan(0);
      expectProblem(await user.get(`/v1/styles/${style}/preview`), 404, 'STYLE_NOT_FOUND');

      storage.refuses = () => false;
      await housekeeping();
      expect(await preview()).toBeUndefined();
      await storage.remove();
    });
  });
});
