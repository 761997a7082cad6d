import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { ObjectStorage } from '../../src/storage/object-storage.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { useTestApp } from '../support/fixtures.js';
import { ended } from '../support/outcome.js';
import { startWorker } from '../support/service-process.js';
import { testEnvironment } from '../support/test-app.js';
import { until } from '../support/until.js';

const MB = Buffer.alloc(1_000_000);
/** So many that the export takes seconds. */
const MEGABYTES = 400;

describe('a worker that is killed in the middle of an export', () => {
  const app = useTestApp({ worker: false });

  it('leaves it to the next one, which starts it again', async () => {
    const env = testEnvironment(app.databaseUrl, app.config.STORAGE_DIR);
    const first = await startWorker(env);
    const user = await registered(app);
    const done = await user.enqueue(await picture());
    await ended(app, done);
    const [row] = await app.dataSource.query<{ key: string }[]>(
      `SELECT result_key AS key FROM transformations WHERE id = $1`,
      [done],
    );
    await app.app.get<ObjectStorage>(ObjectStorage, { strict: false }).put(
      String(row?.key),
      {
        bytes: MEGABYTES * MB.length,
        digest: '',
        open: () => Readable.from(Array(MEGABYTES).fill(MB), { objectMode: false }),
      },
      'image/jpeg',
    );

    const { id } = (await user.post('/v1/me/export').expect(202)).body;
    const status = async () => (await user.get(`/v1/me/export/${id}`).expect(200)).body.status;
    await until(status, (now) => now !== 'queued');
    await first.kill();
    expect(await status()).toBe('running');

    const second = await startWorker(env);
    try {
      await until(status, (now) => now !== 'running', 90_000);
      expect((await user.get(`/v1/me/export/${id}`).expect(200)).body).toMatchObject({
        status: 'ready',
        bytes: expect.any(Number),
      });
    } finally {
      await second.stop();
    }
  }, 180_000);
});
