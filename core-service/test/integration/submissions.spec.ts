import { symlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { SubmitTransformation } from '../../src/transformations/submission/submit-transformation.js';
import { Worker } from '../../src/transformations/processing/worker.js';
import { sentImage } from '../../src/uploads/uploaded-image.js';
import { picture } from '../factories/images.js';
import { principalOf, registered } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { ended, jobs } from '../support/outcome.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../support/test-app.js';
import { storedFiles, tracesOf } from '../support/traces.js';
import { until } from '../support/until.js';

describe('submissions', () => {
  let app: TestApp;
  const start = async (options: TestAppOptions = {}) => {
    app = await startTestApp(options);
    return { user: await registered(app) };
  };
  afterEach(() => app.close());

  it('accept exactly 10 of 50 at once when the balance pays for 10', async () => {
    const { user } = await start();
    const image = await picture();
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => user.submit(image).set('prefer', 'respond-async')),
    );
    const accepted = responses.filter(({ status }) => status === 202);
    const refused = responses.filter(({ status }) => status !== 202);
    expect(accepted).toHaveLength(10);
    for (const response of refused) expectProblem(response, 402, 'INSUFFICIENT_TOKENS');
    expect(accepted.map(({ headers }) => Number(headers['x-tokens-available'])).sort()).toEqual(
      [0, 10, 20, 30, 40, 50, 60, 70, 80, 90].sort(),
    );

    for (const { body } of accepted) expect((await ended(app, body.id)).status).toBe('completed');
    expect(await user.balance()).toEqual({ available: 0, held: 0 });
    expect(await transfersOf(app.dataSource, user.id)).toEqual({
      signup_grant: [100],
      hold: Array.from({ length: 10 }, () => 10),
      settle: Array.from({ length: 10 }, () => 10),
    });
    await expectExactLedger(app.dataSource);
    const { body } = await user.get('/v1/transformations?limit=100').expect(200);
    expect(body.items).toHaveLength(10);
    const files = await storedFiles(app);
    expect(files.filter((file) => file.startsWith('originals/'))).toHaveLength(10);
    expect(files).toHaveLength(20);
  }, 60_000);

  it('pass every option to inference', async () => {
    const inference = new FakeInference();
    const { user } = await start({ inference });
    await user
      .submit(await picture())
      .field('strength', '0.5')
      .field('preserveColors', 'true')
      .field('maxSize', '128')
      .field('strokeScale', '2.5')
      .field('quality', '80')
      .expect(201);
    expect(inference.asked).toEqual([
      {
        styles: [{ id: 'starry-night', weight: 1 }],
        strength: 0.5,
        preserveColors: true,
        maxSize: 128,
        strokeScale: 2.5,
        quality: 80,
      },
    ]);
  });

  it('leave no job, row, hold or image when the transaction is rolled back', async () => {
    const { user } = await start({ inference: new FakeInference(), worker: false });
    const before = await tracesOf(app, user);
    const submitting = app.app.get(SubmitTransformation);
    const submission = {
      principal: principalOf(user),
      image: sentImage(await picture()),
      styles: [{ id: 'starry-night', weight: 1 }],
      options: { strength: 1, preserveColors: false, strokeScale: 1, quality: 90 },
      requestId: 'rolled-back',
      traceparent: '',
    };
    const inside: unknown[] = [];
    const rolledBack = submitting.submit(submission, async (manager, to) => {
      inside.push(
        ...(await manager.query<unknown[]>(
          `SELECT id FROM pgboss.job WHERE id = $1`,
          Object.values(to),
        )),
      );
      throw new Error('something after the job was sent');
    });
    await expect(rolledBack).rejects.toThrow('something after the job was sent');
    expect(inside).toHaveLength(1);
    expect(await tracesOf(app, user)).toEqual(before);
  });

  it('each end one way when 30 are cancelled while four workers process them', async () => {
    const { user } = await start({ inference: new FakeInference(), worker: false });
    await app.app.get(TokensService).grant(user.id, 200, 'for the test');
    const image = await picture();
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) {
      const submit = user.submit(image).set('prefer', 'respond-async');
      ids.push((await submit.expect(202)).body.id);
    }
    expect(await jobs(app)).toHaveLength(30);
    const [statuses] = await Promise.all([
      // From the last one, which the workers reach last.
      Promise.all(
        ids.toReversed().map(async (id) => {
          const { status } = await user.post(`/v1/transformations/${id}/cancel`);
          return [id, status] as const;
        }),
      ),
      app.app.get(Worker).start(),
    ]);
    for (const [id, status] of statuses)
      expect([status, (await ended(app, id)).status]).toEqual(
        status === 200 ? [200, 'cancelled'] : [409, 'completed'],
      );
    await until(
      () => jobs(app),
      (left) => left.length === 0,
    );
    const completed = statuses.filter(([, status]) => status === 409).length;
    expect(await user.balance()).toEqual({ available: 300 - 10 * completed, held: 0 });
    await expectExactLedger(app.dataSource);
  });

  it('answer an account that is missing from the ledger with an error, without a charge', async () => {
    const { user } = await start({ inference: new FakeInference(), worker: false });
    const other = await startTestApp({ worker: false });
    try {
      // Signed with the same secret, for a user that this database has never seen.
      const response = await client(other, user).submit(await picture());
      expectProblem(response, 401, 'UNAUTHENTICATED');
    } finally {
      await other.close();
    }
  });

  describe('on a full disk', () => {
    /** A disk that fails writes with ENOSPC while `full` is set. */
    async function fillableDisk() {
      const root = await mkdtemp(join(tmpdir(), 'stylizer-full-'));
      const disk = { full: false };
      let parts = 0;
      const storage = new DiskStorage(root, () => {
        const name = `.part-${++parts}`;
        if (disk.full) symlinkSync('/dev/full', join(root, name));
        return name;
      });
      const files = async () =>
        (await readdir(root, { recursive: true, withFileTypes: true })).filter(
          (entry) => !entry.isDirectory(),
        );
      return { disk, storage, files, remove: () => rm(root, { recursive: true }) };
    }

    it('are refused with 507 and not charged', async () => {
      const { disk, storage, files, remove } = await fillableDisk();
      const { user } = await start({ inference: new FakeInference(), storage, worker: false });
      const before = await tracesOf(app, user);
      disk.full = true;
      const refused = await user
        .submit(await picture())
        .set('idempotency-key', 'when there is room');
      expectProblem(refused, 507, 'STORAGE_FULL');
      expect(await tracesOf(app, user)).toEqual(before);
      expect(await files()).toEqual([]);

      disk.full = false;
      await user
        .submit(await picture())
        .set('idempotency-key', 'when there is room')
        .set('prefer', 'respond-async')
        .expect(202);
      await remove();
    });

    it('are refunded after three attempts when the result cannot be stored', async () => {
      const { disk, storage, files, remove } = await fillableDisk();
      const inference = new FakeInference();
      const { user } = await start({ inference, storage });
      inference.conduct = (image) => {
        disk.full = true;
        return Promise.resolve({ jpeg: image, inferenceMs: 1 });
      };
      const response = await user.submit(await picture());
      expectProblem(response, 500, 'TRANSFORMATION_FAILED');
      expect(response.headers['x-tokens-charged']).toBe('0');
      expect(inference.seen).toHaveLength(3);
      expect(await user.balance()).toEqual({ available: 100, held: 0 });
      expect(await files()).toHaveLength(1);
      expect(await jobs(app)).toEqual([]);
      await expectExactLedger(app.dataSource);
      await remove();
    });
  });
});
