import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TransformationLifecycle } from '../../src/transformations/transformation-lifecycle.js';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import type { Transformation } from '../../src/transformations/transformation.js';
import { TransformationsService } from '../../src/transformations/transformations.service.js';
import { picture } from '../factories/images.js';
import { principalOf } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { aCompletion } from '../support/ledger-fixture.js';
import { attempt, jobs } from '../support/outcome.js';
import { expectProblem } from '../support/problems.js';
import { storedFiles } from '../support/traces.js';

const image = await picture();

/** No worker runs here: the tests run its steps when they choose. */
describe('the end of a transformation', () => {
  const inference = new FakeInference();
  const app = useTestApp({ inference, worker: false });
  const user = useUser(app, beforeEach, 900);
  afterEach(() => expectExactLedger(app.dataSource));

  const submitted = () => user.enqueue(image);
  const find = (id: string): Promise<Transformation> =>
    app.app.get(TransformationsService).get(principalOf(user), id);
  const process = (id: string) => attempt(app, id);
  const ending = () => app.app.get(TransformationLifecycle);
  const cancel = (id: string) => user.post(`/v1/transformations/${id}/cancel`);
  const filesOf = async (id: string) =>
    (await storedFiles(app)).filter((file) => file.includes(id));
  /** Makes a hold expire, which the append-only trigger forbids to everyone else. */
  const expireHold = (id: string) =>
    app.dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL session_replication_role = replica`);
      await manager.query(`UPDATE holds SET expires_at = now() WHERE transformation_id = $1`, [id]);
    });

  describe('cancelling', () => {
    it('refunds a pending one and removes its job', async () => {
      const id = await submitted();
      expect(await jobs(app)).toContain(id);
      const { body } = await cancel(id).expect(200);
      expect(body).toMatchObject({ id, status: 'cancelled' });
      expect(body.completedAt).toEqual(expect.any(String));
      expect(await jobs(app)).not.toContain(id);
      expect(await user.balance()).toEqual({ available: 1000, held: 0 });
      const { body: page } = await user.get('/v1/tokens/entries?limit=1').expect(200);
      expect(page.items).toMatchObject([{ kind: 'release', description: 'Refunded' }]);
      await process(id);
      expect((await find(id)).status).toBe('cancelled');
      expect(inference.seen).not.toContain(id);
    });

    it('works only once', async () => {
      const id = await submitted();
      const statuses = await Promise.all(
        Array.from({ length: 8 }, async () => (await cancel(id)).status),
      );
      expect(statuses.sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
      expect((await transfersOf(app.dataSource, user.id)).release).toEqual([10]);
    });

    it('is refused once a worker has claimed it', async () => {
      const id = await submitted();
      const held = inference.holdNext();
      const working = process(id);
      await held.begun;
      const jobs = () =>
        app.dataSource.query<unknown[]>(`SELECT id FROM pgboss.job WHERE id = $1`, [id]);
      expectProblem(await cancel(id), 409, 'NOT_CANCELLABLE');
      // The worker still needs its job.
      expect(await jobs()).toHaveLength(1);
      held.release();
      await working;
      expectProblem(await cancel(id), 409, 'NOT_CANCELLABLE');
      expect((await find(id)).status).toBe('completed');
    });

    it('and a worker at the same time end it once', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 40; i++) ids.push(await submitted());
      const cancelled = await Promise.all(
        ids.map(async (id, i) => {
          // The two take turns to start first.
          const work = i % 2 ? process(id) : undefined;
          const answer = cancel(id).then(({ status }) => status);
          await Promise.all([work ?? process(id), answer]);
          return (await answer) === 200;
        }),
      );
      const ends = await Promise.all(ids.map(async (id) => (await find(id)).status));
      expect(ends).toEqual(cancelled.map((yes) => (yes ? 'cancelled' : 'completed')));
      const completed = ends.filter((end) => end === 'completed').length;
      expect(await user.balance()).toEqual({
        available: 1000 - 10 * completed,
        held: 0,
      });
    });
  });

  describe('settling', () => {
    it('happens once, however often it is completed at the same time', async () => {
      const id = await submitted();
      const held = inference.holdNext();
      const working = process(id);
      await held.begun;
      const transformation = await find(id);
      const settled = await Promise.all(
        Array.from({ length: 8 }, () => ending().complete(transformation.id, aCompletion)),
      );
      expect(settled.filter(Boolean)).toHaveLength(1);
      held.release();
      await working;
      expect((await transfersOf(app.dataSource, user.id)).settle).toEqual([10]);
      expect((await find(id)).result?.key).toBe(aCompletion.resultKey);
    });

    it('or releasing happens once, whether it completes or fails first', async () => {
      for (let round = 0; round < 10; round++) {
        const id = await submitted();
        const held = inference.holdNext();
        const working = process(id);
        await held.begun;
        const transformation = await find(id);
        const steps = [
          () => ending().complete(transformation.id, aCompletion),
          () => ending().fail(transformation.id, { code: 'TRANSFORMATION_FAILED', detail: 'x' }),
        ];
        if (round % 2) steps.reverse();
        const ends = await Promise.all(steps.map((step) => step()));
        expect(ends.filter(Boolean)).toHaveLength(1);
        held.release();
        await working;
      }
      const { settle = [], release = [] } = await transfersOf(app.dataSource, user.id);
      expect(settle.length + release.length).toBe(10);
    });

    it('keeps the result of the faster worker, not of one that had stalled', async () => {
      const id = await submitted();
      const held = inference.holdNext();
      const stalled = process(id);
      await held.begun;
      await process(id);
      const { result } = await find(id);
      const download = () => user.get(`/v1/transformations/${id}/result`).expect(200);
      const { body: paidFor } = await download();
      held.release({ jpeg: await picture({ seed: 4 }), inferenceMs: 99 });
      await stalled;

      const after = await find(id);
      expect(after).toMatchObject({ status: 'completed', result, inferenceMs: 1 });
      expect(await filesOf(id)).toHaveLength(2);
      expect(((await download()).body as Buffer).equals(paidFor as Buffer)).toBe(true);
      expect((await transfersOf(app.dataSource, user.id)).settle).toEqual([10]);
    });

    it('keeps the result when the stalled worker made an identical one', async () => {
      const id = await submitted();
      const held = inference.holdNext();
      const stalled = process(id);
      await held.begun;
      await process(id);
      held.release();
      await stalled;
      await user.get(`/v1/transformations/${id}/result`).expect(200);
      expect(await filesOf(id)).toHaveLength(2);
    });
  });

  describe('expiry', () => {
    const housekeeping = () => app.app.get(Housekeeping).run();

    it('of the hold fails the transformation and refunds it', async () => {
      const [pending, processing, current] = [
        await submitted(),
        await submitted(),
        await submitted(),
      ];
      const held = inference.holdNext();
      const stalled = process(processing);
      await held.begun;
      await Promise.all([pending, processing].map(expireHold));
      await Promise.all([housekeeping(), housekeeping()]);

      for (const id of [pending, processing]) {
        const { body } = await user.get(`/v1/transformations/${id}`).expect(200);
        expect(body).toMatchObject({
          status: 'failed',
          error: { code: 'TRANSFORMATION_FAILED', detail: expect.stringContaining('refunded') },
        });
      }
      expect((await find(current)).status).toBe('pending');
      expect(await user.balance()).toEqual({ available: 990, held: 10 });

      // The worker returns with a result after the refund.
      held.release();
      await stalled;
      await process(pending);
      expect((await find(processing)).status).toBe('failed');
      expect(await filesOf(processing)).toEqual([`originals/${processing}.jpg`]);
      expect(await user.balance()).toEqual({ available: 990, held: 10 });
      await cancel(current).expect(200);
    });

    it('of the images makes them 410; the transformation and its ledger entries stay', async () => {
      const [old, young, open] = [await submitted(), await submitted(), await submitted()];
      await process(old);
      await process(young);
      await app.dataSource.query(
        `UPDATE transformations SET images_expire_at = now() WHERE id = ANY($1)`,
        [[old, open]],
      );
      const lines = await user.get('/v1/tokens/entries').expect(200);
      await Promise.all([housekeeping(), housekeeping()]);

      expect(await filesOf(old)).toEqual([]);
      for (const what of ['result', 'original']) {
        const gone = await user.get(`/v1/transformations/${old}/${what}`);
        expectProblem(gone, 410, 'RESULT_EXPIRED');
        await user.get(`/v1/transformations/${young}/${what}`).expect(200);
      }
      await user.get(`/v1/transformations/${open}/original`).expect(200);
      const { body } = await user.get(`/v1/transformations/${old}`).expect(200);
      expect(body.status).toBe('completed');
      const after = await user.get('/v1/tokens/entries').expect(200);
      expect(after.body).toEqual(lines.body);
      await cancel(open).expect(200);
    });

    it('of the images comes after the configured number of days', async () => {
      const id = await submitted();
      const [row] = await app.dataSource.query<{ days: number }[]>(
        `SELECT extract(epoch FROM images_expire_at - queued_at)::float / 86400 AS days
           FROM transformations WHERE id = $1`,
        [id],
      );
      expect(row?.days).toBeCloseTo(app.config.RETENTION_DAYS, 2);
      await cancel(id).expect(200);
    });
  });

  describe('deleting', () => {
    const remove = (id: string) => user.delete(`/v1/transformations/${id}`);

    it('removes images and row of a completed one, and keeps its ledger entries', async () => {
      const id = await submitted();
      await process(id);
      await remove(id).expect(204);
      expect(await filesOf(id)).toEqual([]);
      for (const path of ['', '/result', '/original', '/events'])
        expectProblem(await user.get(`/v1/transformations/${id}${path}`), 404, 'NOT_FOUND');
      expectProblem(await remove(id), 404, 'NOT_FOUND');
      const list = await user.get('/v1/transformations').expect(200);
      expect(list.body.items).toEqual([]);
      const entries = await user.get('/v1/tokens/entries').expect(200);
      expect(
        entries.body.items.filter(
          ({ transformationId }: { transformationId?: string }) => transformationId === id,
        ),
      ).toHaveLength(2);
    });

    it('cancels a pending one first', async () => {
      const id = await submitted();
      await remove(id).expect(204);
      expect(await jobs(app)).not.toContain(id);
      expect(await filesOf(id)).toEqual([]);
      expect(await user.balance()).toEqual({ available: 1000, held: 0 });
    });

    it('is refused while a worker has claimed it', async () => {
      const id = await submitted();
      const held = inference.holdNext();
      const working = process(id);
      await held.begun;
      expectProblem(await remove(id), 409, 'TRANSFORMATION_IN_PROGRESS');
      held.release();
      await working;
      await remove(id).expect(204);
      expect(await filesOf(id)).toEqual([]);
    });

    it('leaves no files, whether it or a worker comes first', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 20; i++) ids.push(await submitted());
      await Promise.all(
        ids.map(async (id, i) => {
          const work = i % 2 ? process(id) : undefined;
          const { status } = await remove(id);
          expect([204, 409]).toContain(status);
          await (work ?? process(id));
          if (status === 409) await remove(id).expect(204);
          expect(await filesOf(id)).toEqual([]);
        }),
      );
      const { hold = [], settle = [], release = [] } = await transfersOf(app.dataSource, user.id);
      expect(hold).toHaveLength(20);
      expect(settle.length + release.length).toBe(20);
    });
  });
});
