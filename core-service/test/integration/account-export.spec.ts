import { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Response } from 'supertest';
import { AccountHousekeeping } from '../../src/account-data/account-housekeeping.js';
import { ExportedRows } from '../../src/account-data/export/exported-rows.js';
import { MakeExport } from '../../src/account-data/export/make-export.js';
import { DomainError } from '../../src/common/domain-error.js';
import type { ObjectSource } from '../../src/storage/object-storage.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { peakGrowth } from '../support/memory.js';
import { expectProblem } from '../support/problems.js';
import { StubbornStorage } from '../support/stubborn-storage.js';
import { until } from '../support/until.js';
import { unzip } from '../support/zip.js';

const MB = 1_000_000;

/** So many zeros, which need no memory. */
const zeros = (bytes: number): ObjectSource => ({
  bytes,
  digest: '',
  open: () =>
    Readable.from(
      Array.from({ length: bytes / MB }, () => MEGABYTE),
      { objectMode: false },
    ),
});
const MEGABYTE = Buffer.alloc(MB);

describe('the export of an account', () => {
  const storage = new StubbornStorage();
  const app = useTestApp({
    inference: new FakeInference(),
    storage,
    env: { ACCOUNT_EXPORT_MAX_BYTES: String(200 * MB) },
  });
  afterAll(() => storage.remove());
  afterEach(() => {
    storage.refuses = () => false;
    jest.restoreAllMocks();
  });

  const ask = async (user: TestUser): Promise<string> =>
    (await user.post('/v1/me/export').expect(202)).body.id;
  const ended = async (user: TestUser, id: string) =>
    (
      await until(
        () => user.get(`/v1/me/export/${id}`),
        ({ body }) => body.status === 'ready' || body.status === 'failed',
      )
    ).body;
  const download = async (user: TestUser, id: string): Promise<Map<string, Buffer>> => {
    const response: Response = await user
      .get(`/v1/me/export/${id}/file`)
      .buffer()
      .parse((stream, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => done(null, Buffer.concat(chunks)));
      })
      .expect(200);
    expect(response.headers['content-type']).toBe('application/zip');
    expect(response.headers['content-disposition']).toMatch(
      /^attachment; filename="stylizer-\d{4}-\d\d-\d\d\.zip"$/,
    );
    return unzip(response.body);
  };
  const json = (files: Map<string, Buffer>, name: string) => JSON.parse(String(files.get(name)));
  const attempt = (id: string, { last = false } = {}) =>
    app.app.get(MakeExport).run({
      id,
      data: { exportId: id },
      attempt: 1,
      last,
      signal: new AbortController().signal,
    });
  /** As long as the test makes the attempts itself. */
  const withoutWorker = () => jest.spyOn(app.app.get(MakeExport), 'run').mockResolvedValue();
  /** One whose task is lost, for the test to work on. */
  const queued = async (user: TestUser): Promise<string> => {
    const away = withoutWorker();
    const id = await ask(user);
    await until(
      () => app.dataSource.query(`SELECT state FROM pgboss.job WHERE data->>'exportId' = $1`, [id]),
      (rows: { state: string }[]) => rows[0]?.state === 'completed',
    );
    away.mockRestore();
    return id;
  };

  it('holds the account, its sessions, ledger, transformations, styles and images, and no secret', async () => {
    const user = await registered(app);
    const photo = await picture();
    const style = (await user.createStyle(photo, 'Quilt').expect(201)).body.id;
    const done = (await user.submit(photo).expect(201)).body.id;

    const asked = await user.post('/v1/me/export').expect(202);
    expect(asked.body).toEqual({
      id: expect.any(String),
      status: 'queued',
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    const { id } = asked.body;
    const body = await ended(user, id);
    expect(body).toEqual({
      ...asked.body,
      status: 'ready',
      bytes: expect.any(Number),
      downloadUrl: `/v1/me/export/${id}/file`,
    });

    const files = await download(user, id);
    expect([...files.keys()].sort()).toEqual(
      [
        ...[
          'account',
          'sessions',
          'tokens',
          'transformations',
          'styles',
          'exports',
          'passkeys',
          'identities',
          'api-keys',
          'webhook-endpoints',
          'purchases',
          'manifest',
        ].map((name) => `${name}.json`),
        `originals/${done}.jpg`,
        `results/${done}.jpg`,
        `styles/${style}/picture.jpg`,
        `styles/${style}/preview.webp`,
      ].sort(),
    );
    expect(json(files, 'account.json')).toEqual([
      expect.objectContaining({ id: user.id, email: user.email }),
    ]);
    expect(json(files, 'sessions.json')).toHaveLength(1);
    expect(
      json(files, 'tokens.json').map(({ kind, amount }: Record<string, unknown>) => [kind, amount]),
    ).toEqual([
      ['signup_grant', 100],
      ['hold', -5],
      ['settle', 0],
      ['hold', -10],
      ['settle', 0],
    ]);
    expect(json(files, 'transformations.json')).toEqual([
      expect.objectContaining({ id: done, status: 'completed', price: 10 }),
    ]);
    expect(json(files, 'styles.json')).toEqual([
      expect.objectContaining({ id: style, name: 'Quilt' }),
    ]);
    expect(json(files, 'manifest.json')).toMatchObject({ account: user.id, missing: [] });
    const result = await user.get(`/v1/transformations/${done}/result`).expect(200);
    expect(files.get(`results/${done}.jpg`)).toEqual(result.body);
    const text = [...files].map(([name, data]) => (name.endsWith('.json') ? String(data) : ''));
    for (const secret of ['hash', 'password', user.password, user.refreshToken])
      expect(text.join('')).not.toContain(secret);
  });

  it('lists images that are gone, or would make it too large, instead of failing', async () => {
    const user = await registered(app);
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await user.submit(await picture()).expect(201)).body.id);
    const [deleted, lost, large] = ids as [string, string, string];
    await app.dataSource.query(
      `UPDATE transformations SET images_deleted_at = now() WHERE id = $1`,
      [deleted],
    );
    const [row] = await app.dataSource.query<{ original: string; result: string }[]>(
      `SELECT original_key AS original, (SELECT result_key FROM transformations WHERE id = $2) AS result
         FROM transformations WHERE id = $1`,
      [large, lost],
    );
    await storage.put(String(row?.original), zeros(201 * MB));
    await storage.delete(String(row?.result));

    const id = await ask(user);
    expect(await ended(user, id)).toMatchObject({ status: 'ready' });
    const files = await download(user, id);
    expect(json(files, 'manifest.json').missing).toEqual([
      { file: `originals/${deleted}.jpg`, reason: 'deleted' },
      { file: `results/${deleted}.jpg`, reason: 'deleted' },
      { file: `results/${lost}.jpg`, reason: 'not found' },
      { file: `originals/${large}.jpg`, reason: 'no room' },
    ]);
    expect(files.has(`originals/${lost}.jpg`)).toBe(true);
    expect(files.has(`results/${large}.jpg`)).toBe(true);
  });

  it('is complete with thousands of ledger entries, read by pages', async () => {
    const user = await registered(app);
    const tokens = app.app.get(TokensService);
    const grants = 1_200;
    for (let i = 0; i < grants; i += 50)
      await Promise.all(Array.from({ length: 50 }, () => tokens.grant(user.id, 1, 'one more')));
    const id = await ask(user);
    await ended(user, id);
    const lines = json(await download(user, id), 'tokens.json') as { id: string }[];
    expect(new Set(lines.map((line) => line.id)).size).toBe(grants + 1);
  });

  it('is made without a whole image in memory', async () => {
    const user = await registered(app);
    const done = (await user.submit(await picture()).expect(201)).body.id;
    const id = await queued(user);
    const [row] = await app.dataSource.query<{ key: string }[]>(
      `SELECT result_key AS key FROM transformations WHERE id = $1`,
      [done],
    );
    await storage.put(String(row?.key), zeros(190 * MB));
    global.gc?.();
    const { bytes } = await peakGrowth(() => attempt(id));
    expect((await user.get(`/v1/me/export/${id}`).expect(200)).body.bytes).toBeGreaterThan(
      190 * MB,
    );
    expect(bytes).toBeLessThan(100 * MB);
  });

  it('starts again after an attempt that died, and says why when the last one fails', async () => {
    const user = await registered(app);
    const id = await queued(user);
    storage.refuses = (what, key) => what === 'put' && key.startsWith('exports/');
    await expect(attempt(id)).rejects.toThrow('Not now.');
    expect((await user.get(`/v1/me/export/${id}`).expect(200)).body.status).toBe('running');
    expectProblem(await user.get(`/v1/me/export/${id}/file`), 409, 'NOT_READY');
    await attempt(id, { last: true });
    expect((await user.get(`/v1/me/export/${id}`).expect(200)).body).toMatchObject({
      status: 'failed',
      error: { code: 'EXPORT_FAILED', detail: expect.stringMatching(/again/) },
    });

    storage.refuses = () => false;
    const second = await queued(user);
    jest.spyOn(app.app.get(ExportedRows), 'styles').mockImplementationOnce(() => {
      throw new Error('killed');
    });
    await expect(attempt(second)).rejects.toThrow('killed');
    await attempt(second);
    // Once more, as a queue that lost the answer would.
    await attempt(second);
    expect((await download(user, second)).has('manifest.json')).toBe(true);
  });

  it.each([
    ['the storage', new DomainError('STORAGE_FULL', 'full')],
    ['the disk for temporary files', Object.assign(new Error('full'), { code: 'ENOSPC' })],
  ])('fails at once, with a clear reason, when %s is full', async (_what, error) => {
    const user = await registered(app);
    const id = await queued(user);
    jest.spyOn(app.app.get(ExportedRows), 'styles').mockImplementationOnce(() => {
      throw error;
    });
    await attempt(id);
    const { body } = await user.get(`/v1/me/export/${id}`).expect(200);
    expect(body).toMatchObject({ status: 'failed', error: { code: 'STORAGE_FULL' } });
    expectProblem(await user.get(`/v1/me/export/${id}/file`), 409, 'NOT_READY');
  });

  it('is one at a time, even when asked for ten times at once, and a few a day', async () => {
    const user = await registered(app);
    const away = withoutWorker();
    const answers = await Promise.all(Array.from({ length: 10 }, () => user.post('/v1/me/export')));
    away.mockRestore();
    const made = answers.filter(({ status }) => status === 202);
    expect(made).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 202))
      expectProblem(answer, 409, 'EXPORT_IN_PROGRESS');
    await attempt(made[0]?.body.id);

    for (let i = 1; i < app.config.ACCOUNT_EXPORTS_PER_DAY; i++) await ended(user, await ask(user));
    const refused = await user.post('/v1/me/export');
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(86_000);
  });

  it('is not found by others, and by nobody once it has expired, when its file goes', async () => {
    const [user, other] = [await registered(app), await registered(app)];
    const id = await ask(user);
    await ended(user, id);
    for (const path of ['', '/file'])
      expectProblem(await other.get(`/v1/me/export/${id}${path}`), 404, 'NOT_FOUND');

    await app.dataSource.query(`UPDATE account_exports SET expires_at = now() WHERE id = $1`, [id]);
    for (const path of ['', '/file'])
      expectProblem(await user.get(`/v1/me/export/${id}${path}`), 404, 'NOT_FOUND');
    await app.app.get(AccountHousekeeping).run();
    expect(await storage.get(`exports/${id}.zip`)).toBeUndefined();
    const rows = await app.dataSource.query(`SELECT FROM account_exports WHERE id = $1`, [id]);
    expect(rows).toEqual([]);
  });

  it('fails when nobody has worked on it for half a day, so that another can be asked for', async () => {
    const user = await registered(app);
    const id = await queued(user);
    await app.dataSource.query(
      `UPDATE account_exports SET created_at = now() - interval '13 hours' WHERE id = $1`,
      [id],
    );
    await app.app.get(AccountHousekeeping).run();
    expect((await user.get(`/v1/me/export/${id}`).expect(200)).body.status).toBe('failed');
    await ask(user);
  });
});
