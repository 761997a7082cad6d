import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { InferenceError } from '../../src/inference/inference.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { ended } from '../support/outcome.js';
import { expectProblem } from '../support/problems.js';
import { type TestApp } from '../support/test-app.js';
import { storedFiles } from '../support/traces.js';

/** A storage in which the next write hangs until it is released. */
class StickyStorage extends DiskStorage {
  private stuck?: { arrived: () => void; goOn: Promise<void> };

  stickNext(): { arrived: Promise<void>; goOn: () => void } {
    const arrived = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    this.stuck = { arrived: () => arrived.resolve(undefined), goOn: goOn.promise };
    return { arrived: arrived.promise, goOn: () => goOn.resolve(undefined) };
  }

  override async put(...object: Parameters<DiskStorage['put']>): Promise<void> {
    const { stuck } = this;
    this.stuck = undefined;
    stuck?.arrived();
    await stuck?.goOn;
    await super.put(...object);
  }
}

const image = await picture();

describe('an Idempotency-Key', () => {
  const submit = (app: TestApp, user: TestUser, key: string, bytes = image) =>
    user.submit(bytes).set('idempotency-key', key);
  const isReplay = ({ headers }: Response) => headers['idempotency-replayed'] === 'true';
  const holdsOf = async (app: TestApp, user: TestUser) =>
    (await transfersOf(app.dataSource, user.id)).hold ?? [];

  describe('with the real network', () => {
    const app = useTestApp();
    const user = useUser(app, beforeEach);

    it('makes one transformation and one charge from 100 parallel posts', async () => {
      const responses = await Promise.all(
        Array.from({ length: 100 }, () => submit(app, user, 'parallel')),
      );
      const answered = responses.filter(({ status }) => status === 201);
      expect(answered.length).toBeGreaterThanOrEqual(1);
      expect(new Set(answered.map(({ body }) => body.id)).size).toBe(1);
      expect(answered.filter((response) => !isReplay(response))).toHaveLength(1);
      for (const response of responses.filter(({ status }) => status !== 201)) {
        expectProblem(response, 409, 'IDEMPOTENCY_KEY_IN_USE');
        expect(response.headers['retry-after']).toBe('1');
      }
      expect(await transfersOf(app.dataSource, user.id)).toEqual({
        signup_grant: [100],
        hold: [10],
        settle: [10],
      });
      const { body } = await user.get('/v1/transformations').expect(200);
      expect(body.items).toHaveLength(1);
      await expectExactLedger(app.dataSource);
    }, 60_000);

    it('returns the JPG again, byte for byte', async () => {
      const first = await submit(app, user, 'jpg').set('accept', 'image/jpeg').expect(200);
      const again = await submit(app, user, 'jpg').set('accept', 'image/jpeg').expect(200);
      expect([isReplay(first), isReplay(again)]).toEqual([false, true]);
      expect(again.headers['content-type']).toBe('image/jpeg');
      expect(Buffer.compare(again.body as Buffer, first.body as Buffer)).toBe(0);
      expect((first.body as Buffer).length).toBeGreaterThan(500);
      for (const header of ['x-transformation-id', 'x-tokens-charged', 'x-tokens-available'])
        expect(again.headers[header]).toBe(first.headers[header]);
      expect(await holdsOf(app, user)).toEqual([10]);
    });
  });

  describe('with fake inference', () => {
    const root = mkdtempSync(join(tmpdir(), 'stylizer-sticky-'));
    const storage = new StickyStorage(root);
    const inference = new FakeInference();
    const app = useTestApp({ inference, storage });
    const user = useUser(app, beforeEach);
    beforeEach(() => {
      inference.ready = true;
    });
    afterEach(() => expectExactLedger(app.dataSource));
    afterAll(() => rm(root, { recursive: true }));

    const sql = (statement: string, values: unknown[] = []) =>
      app.dataSource.query<Record<string, unknown>[]>(statement, values);
    const originals = async () =>
      (await storedFiles({ config: { ...app.config, STORAGE_DIR: root } })).filter((file) =>
        file.startsWith('originals/'),
      );

    it('returns the stored 201 again', async () => {
      const first = await submit(app, user, 'json').expect(201);
      await submit(app, user, 'another key').expect(201);
      const again = await submit(app, user, 'json').expect(201);
      expect([isReplay(first), isReplay(again)]).toEqual([false, true]);
      expect(again.body).toEqual(first.body);
      expect(again.headers['x-tokens-available']).toBe('90');
      expect(await holdsOf(app, user)).toEqual([10, 10]);
    });

    it('returns the stored 202 again, even after completion', async () => {
      const held = inference.holdNext();
      const first = await submit(app, user, 'async').set('prefer', 'respond-async').expect(202);
      held.release();
      await ended(app, first.body.id);
      const again = await submit(app, user, 'async').expect(202);
      expect(isReplay(again)).toBe(true);
      expect(again.body).toEqual(first.body);
      expect(again.headers.location).toBe(`/v1/transformations/${first.body.id}`);
      expect(await holdsOf(app, user)).toEqual([10]);
    });

    it('is refused with 409 while the first request is waiting for its result', async () => {
      const held = inference.holdNext();
      const first = submit(app, user, 'in flight').then((response) => response);
      await held.begun;
      expectProblem(await submit(app, user, 'in flight'), 409, 'IDEMPOTENCY_KEY_IN_USE');
      held.release();
      expect((await first).status).toBe(201);
    });

    it.each<[string, (request: ReturnType<typeof submit>) => unknown]>([
      ['another option', (request) => request.field('quality', '80')],
      ['another style', (request) => request.field('style', 'starry-night')],
    ])('is refused with 422 for %s', async (_what, change) => {
      await submit(app, user, 'reused').expect(201);
      const other = submit(app, user, 'reused');
      change(other);
      expectProblem(await other, 422, 'IDEMPOTENCY_KEY_REUSED');
      expect(await holdsOf(app, user)).toEqual([10]);
    });

    it('is refused with 422 for another image', async () => {
      await submit(app, user, 'reused').expect(201);
      const other = await picture({ seed: 3 });
      expectProblem(await submit(app, user, 'reused', other), 422, 'IDEMPOTENCY_KEY_REUSED');
      expect(await holdsOf(app, user)).toEqual([10]);
    });

    it('belongs to one user', async () => {
      const other = await registered(app);
      const mine = await submit(app, user, 'shared').expect(201);
      const theirs = await submit(app, other, 'shared').expect(201);
      expect(isReplay(theirs)).toBe(false);
      expect(theirs.body.id).not.toBe(mine.body.id);
    });

    it('can be reused after a 402, even with another request', async () => {
      await submit(app, user, 'dear').field('maxSize', '7300').expect(201);
      expect((await user.balance()).available).toBe(5);
      expectProblem(await submit(app, user, 'poor'), 402, 'INSUFFICIENT_TOKENS');
      await app.app.get(TokensService).grant(user.id, 10, 'for the test');
      const response = await submit(app, user, 'poor').field('quality', '80').expect(201);
      expect(isReplay(response)).toBe(false);
      expect(await holdsOf(app, user)).toEqual([95, 10]);
    });

    it('can be reused after a 415', async () => {
      const text = Buffer.from('not a picture, whatever its name says');
      expectProblem(await submit(app, user, 'text', text), 415, 'UNSUPPORTED_IMAGE');
      await submit(app, user, 'text').expect(201);
    });

    it('returns a failure again, without a second charge', async () => {
      inference.conduct = () =>
        Promise.reject(
          new InferenceError('rejected', 'The image is damaged.', { code: 'IMAGE_UNREADABLE' }),
        );
      const first = await submit(app, user, 'fails');
      inference.conduct = new FakeInference().conduct;
      const again = await submit(app, user, 'fails');
      for (const response of [first, again]) {
        expectProblem(response, 422, 'IMAGE_UNREADABLE');
        expect(response.headers['x-tokens-charged']).toBe('0');
        expect(response.headers['x-tokens-available']).toBe('100');
      }
      expect([isReplay(first), isReplay(again)]).toEqual([false, true]);
      expect(again.headers['x-transformation-id']).toBe(first.headers['x-transformation-id']);
      expect(await holdsOf(app, user)).toEqual([10]);
    });

    it('returns the completed transformation after a 503 that left the job queued', async () => {
      inference.ready = false;
      const first = await submit(app, user, 'later').set('prefer', 'wait=1');
      expectProblem(first, 503, 'INFERENCE_UNAVAILABLE');
      const id = String(first.headers['x-transformation-id']);
      expect(first.headers['x-tokens-charged']).toBe('10');
      inference.ready = true;
      const again = await submit(app, user, 'later').expect(201);
      expect(again.body).toMatchObject({ id, status: 'completed' });
      expect(isReplay(again)).toBe(true);
      expect(await holdsOf(app, user)).toEqual([10]);
    });

    it('is taken over when its process died before submitting', async () => {
      await sql(
        `INSERT INTO idempotency_keys (user_id, key, fingerprint, claim, claimed_until, expires_at)
         VALUES ($1, 'left', $2, gen_random_uuid(), now() - interval '1 ms', now() + interval '1 h')`,
        [user.id, createHash('sha256').update('anything').digest()],
      );
      const response = await submit(app, user, 'left').expect(201);
      expect(isReplay(response)).toBe(false);
      expect(await holdsOf(app, user)).toEqual([10]);
    });

    it('is answered from the transformation when its process died after submitting', async () => {
      const first = await submit(app, user, 'left').set('prefer', 'respond-async').expect(202);
      await ended(app, first.body.id);
      await sql(
        `UPDATE idempotency_keys SET answer = NULL, claimed_until = now() + interval '1 min'
          WHERE user_id = $1`,
        [user.id],
      );
      expectProblem(await submit(app, user, 'left'), 409, 'IDEMPOTENCY_KEY_IN_USE');
      await sql(`UPDATE idempotency_keys SET claimed_until = now() WHERE user_id = $1`, [user.id]);
      const again = await submit(app, user, 'left').expect(201);
      expect(again.body).toMatchObject({ id: first.body.id, status: 'completed' });
      expect(isReplay(again)).toBe(true);
      expect(again.headers['x-tokens-available']).toBe('90');
      expect(await holdsOf(app, user)).toEqual([10]);
    });

    it('makes no second transformation when taken over from a slow request', async () => {
      const before = (await originals()).length;
      const stuck = storage.stickNext();
      const slow = submit(app, user, 'slow').then((response) => response);
      await stuck.arrived;
      await sql(`UPDATE idempotency_keys SET claimed_until = now() WHERE user_id = $1`, [user.id]);
      const quick = await submit(app, user, 'slow').expect(201);
      stuck.goOn();
      expectProblem(await slow, 409, 'IDEMPOTENCY_KEY_IN_USE');

      expect(await holdsOf(app, user)).toEqual([10]);
      const { body } = await user.get('/v1/transformations').expect(200);
      expect(body.items.map(({ id }: { id: string }) => id)).toEqual([quick.body.id]);
      expect(await originals()).toHaveLength(before + 1);
      const again = await submit(app, user, 'slow').expect(201);
      expect(again.body).toEqual(quick.body);
    });

    it('is kept for 24 hours, then stands for a new request', async () => {
      const first = await submit(app, user, 'old').expect(201);
      const [kept] = await sql(
        `SELECT extract(epoch FROM expires_at - created_at)::float AS seconds
           FROM idempotency_keys WHERE user_id = $1`,
        [user.id],
      );
      expect(kept?.seconds).toBeCloseTo(24 * 3600, -1);

      await sql(`UPDATE idempotency_keys SET expires_at = now() WHERE user_id = $1`, [user.id]);
      const second = await submit(app, user, 'old').field('quality', '80').expect(201);
      expect(isReplay(second)).toBe(false);
      expect(second.body.id).not.toBe(first.body.id);
      expect(await holdsOf(app, user)).toEqual([10, 10]);
    });

    it('is deleted once it has expired, and not before', async () => {
      await submit(app, user, 'expired').expect(201);
      await submit(app, user, 'current').expect(201);
      await sql(`UPDATE idempotency_keys SET expires_at = now() WHERE key = 'expired'`);
      await app.app.get(Housekeeping).run();
      expect(await sql(`SELECT key FROM idempotency_keys WHERE user_id = $1`, [user.id])).toEqual([
        { key: 'current' },
      ]);
    });
  });
});
