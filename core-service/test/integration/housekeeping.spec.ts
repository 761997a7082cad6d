import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { DomainError } from '../../src/common/domain-error.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import { Housekeeping } from '../../src/transformations/housekeeping.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { client } from '../support/client.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

/** A disk that will not let go of some objects. */
class StubbornStorage extends DiskStorage {
  keeps = '';

  override async delete(key: string): Promise<void> {
    if (this.keeps && key.includes(this.keeps))
      throw new DomainError('STORAGE_UNAVAILABLE', 'Not now.');
    await super.delete(key);
  }
}

describe('housekeeping', () => {
  let app: TestApp;
  let root: string;
  let storage: StubbornStorage;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'stylizer-stubborn-'));
    storage = new StubbornStorage(root);
    app = await startTestApp({ inference: new FakeInference(), storage });
  });
  afterAll(async () => {
    await app.close();
    await rm(root, { recursive: true });
  });

  const run = () => app.app.get(Housekeeping).run();

  it('goes on when one picture cannot be deleted, and comes back for it', async () => {
    const user = await registered(app);
    const ids: string[] = [];
    for (let i = 0; i < 3; i++)
      ids.push(
        (
          await client(app, user)
            .submit(await picture())
            .expect(201)
        ).body.id,
      );
    const [first, second] = ids;
    await app.dataSource.query(
      `UPDATE transformations SET images_expire_at = now() - CASE id WHEN $1 THEN 3 WHEN $2 THEN 2
                                                              ELSE 1 END * interval '1 s'`,
      [first, second],
    );
    const statuses = () =>
      Promise.all(
        ids.map(async (id) => {
          const { status } = await client(app, user).get(`/v1/transformations/${id}/result`);
          return status;
        }),
      );
    storage.keeps = String(first);
    await run();
    expect(await statuses()).toEqual([200, 410, 410]);

    storage.keeps = '';
    await run();
    expect(await statuses()).toEqual([410, 410, 410]);
  });

  it('forgets sessions whose last token has expired, and no other', async () => {
    const [past, current] = [await registered(app), await registered(app)];
    await app.dataSource.query(
      `UPDATE refresh_tokens SET expires_at = now()
        WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
      [past.id],
    );
    await run();
    const sessions = await app.dataSource.query<{ user_id: string }[]>(
      `SELECT user_id FROM sessions WHERE user_id IN ($1, $2)`,
      [past.id, current.id],
    );
    expect(sessions).toEqual([{ user_id: current.id }]);
    await request(app.url)
      .post('/v1/auth/refresh')
      .send({ refreshToken: current.refreshToken })
      .expect(200);
  });
});
