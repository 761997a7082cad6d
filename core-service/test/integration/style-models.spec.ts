import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { InferenceError } from '../../src/inference/inference.js';
import { readAll } from '../../src/storage/object-storage.js';
import { normaliseStylePicture } from '../../src/styles/creation/normalise-style-picture.js';
import { StyleHousekeeping } from '../../src/styles/style-housekeeping.js';
import { ProcessTransformation } from '../../src/transformations/processing/process-transformation.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';
import { StubbornStorage } from '../support/stubborn-storage.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const image = await picture({ width: 40, height: 32 });
const red = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#f00' } })
  .jpeg()
  .toBuffer();

/** No worker runs here: the tests run its steps when they choose. */
describe('a custom style after a model change', () => {
  let app: TestApp;
  let inference: FakeInference;
  let storage: StubbornStorage;
  let user: TestUser;

  beforeEach(async () => {
    storage = new StubbornStorage();
    inference = new FakeInference();
    // The number in a code identifies its model.
    inference.encode = (_image, _context, model) => Promise.resolve([Number(model.slice(-1))]);
    app = await startTestApp({ inference, storage, worker: false, env: { SIGN_UP_GRANT: '1000' } });
    user = await registered(app);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    const wrong = await app.dataSource.query(
      `SELECT code, model FROM styles WHERE model IS NOT NULL AND code <> ARRAY[right(model, 1)::real]`,
    );
    expect(wrong).toEqual([]);
    await expectExactLedger(app.dataSource);
    await app.close();
    await storage.remove();
  });

  const runs = (model: string) => (inference.model = () => model);
  const created = async (): Promise<string> => (await user.createStyle(image).expect(201)).body.id;
  const submit = (styles: { id: string; weight?: number }[]) =>
    user
      .post('/v1/transformations')
      .attach('image', image, 'photo.jpg')
      .field('styles', JSON.stringify(styles));
  const queued = async (...ids: string[]): Promise<string> =>
    (
      await submit(ids.map((id) => ({ id })))
        .set('prefer', 'respond-async')
        .expect(202)
    ).body.id;
  const process = (id: string, signal = new AbortController().signal) =>
    app.app.get(ProcessTransformation).process({
      transformationId: id,
      requestId: id,
      traceparent: '',
      attempt: 1,
      signal,
    });
  const stateOf = async (id: string) => {
    const { body } = await user.get(`/v1/transformations/${id}`).expect(200);
    return body as { status: string; error?: { code: string; detail: string } };
  };
  /** Models of the codes, or style ids, in the last call that stylized this transformation. */
  const paintedWith = (id: string) =>
    inference.asked[inference.seen.lastIndexOf(id)]?.styles.map((style) =>
      'code' in style ? style.model : style.id,
    );
  const modelOf = async (id: string): Promise<string | null> => {
    const [row] = await app.dataSource.query(`SELECT model FROM styles WHERE id = $1`, [id]);
    return row.model;
  };
  const keys = (id: string) => [`previews/${id}.webp`, `style-pictures/${id}.jpg`];
  const filesOf = async (id: string): Promise<string[]> => {
    const found = [];
    for (const key of keys(id)) {
      const object = await storage.get(key);
      object?.stream.destroy();
      if (object) found.push(key);
    }
    return found;
  };
  const remove = (id: string) => user.delete(`/v1/styles/${id}`).expect(204);
  const spent = async () => {
    const { hold = [], settle = [], release = [] } = await transfersOf(app.dataSource, user.id);
    return { hold, settle, release };
  };
  /** Statuses of the transformations, newest first. */
  const idsByAge = async (): Promise<string[]> =>
    (await app.dataSource.query(`SELECT id FROM transformations ORDER BY id DESC`)).map(
      ({ id }: { id: string }) => id,
    );
  const fromBefore = (id: string) =>
    app.dataSource.query(`UPDATE styles SET model = NULL WHERE id = $1`, [id]);

  it('is stored with its model and the exact bytes that were encoded', async () => {
    let seen: Buffer | undefined;
    const encode = inference.encode;
    inference.encode = (bytes, ...rest) => {
      seen = bytes;
      return encode(bytes, ...rest);
    };
    const style = await created();
    expect(await modelOf(style)).toBe('model-1');
    const kept = await storage.get(`style-pictures/${style}.jpg`);
    const bytes = kept && (await readAll(kept));
    expect(bytes?.equals(seen ?? Buffer.alloc(0))).toBe(true);
    const { MAX_IMAGE_BYTES: maxBytes, MAX_IMAGE_PIXELS: maxPixels } = app.config;
    expect(bytes?.equals(await normaliseStylePicture(image, { maxBytes, maxPixels }))).toBe(true);
  });

  it('is re-encoded once on first use, with a new preview, free of charge', async () => {
    const style = await created();
    const previewOf = () => user.get(`/v1/styles/${style}/preview`).expect(200);
    const old = await previewOf();
    runs('model-2');
    inference.conduct = () => Promise.resolve({ jpeg: red, inferenceMs: 1 });
    const first = await queued(style);
    await process(first);
    expect((await stateOf(first)).status).toBe('completed');
    expect(paintedWith(first)).toEqual(['model-2']);
    expect(await modelOf(style)).toBe('model-2');

    const now = await previewOf();
    expect(now.headers.etag).not.toBe(old.headers.etag);
    const { channels } = await sharp(now.body as Buffer).stats();
    expect(channels.map(({ mean }) => Math.round(mean / 255))).toEqual([1, 0, 0]);
    await user
      .get(`/v1/styles/${style}/preview`)
      .set('if-none-match', String(old.headers.etag))
      .expect(200);

    const encoded = inference.encoded.length;
    await process(await queued(style));
    expect(inference.encoded).toHaveLength(encoded);
    expect(await spent()).toEqual({ hold: [5, 10, 10], settle: [5, 10, 10], release: [] });
  });

  it('serves jobs queued before, also blended with a catalogue style and a new style', async () => {
    const old = await created();
    const waiting = await queued(old);
    runs('model-2');
    const young = await created();
    const { body } = await submit([
      { id: old.toUpperCase(), weight: 2 },
      { id: 'starry-night', weight: 1 },
      { id: young, weight: 1 },
    ])
      .set('prefer', 'respond-async')
      .expect(202);
    for (const id of [waiting, body.id as string]) {
      await process(id);
      expect((await stateOf(id)).status).toBe('completed');
    }
    expect(paintedWith(waiting)).toEqual(['model-2']);
    expect(paintedWith(body.id)).toEqual(['model-2', 'starry-night', 'model-2']);
  });

  it('is re-encoded again when the model is rolled back', async () => {
    const style = await created();
    for (const model of ['model-2', 'model-1']) {
      runs(model);
      const id = await queued(style);
      await process(id);
      expect(paintedWith(id)).toEqual([model]);
    }
    expect(await modelOf(style)).toBe('model-1');
  });

  it('can be used by many jobs at once', async () => {
    const style = await created();
    const ids = await Promise.all(Array.from({ length: 8 }, () => queued(style)));
    runs('model-2');
    await Promise.all(ids.map((id) => process(id)));
    for (const id of ids) {
      expect((await stateOf(id)).status).toBe('completed');
      expect(paintedWith(id)).toEqual(['model-2']);
    }
    expect((await spent()).settle).toEqual([5, ...ids.map(() => 10)]);
  });

  it('waits for an inference service that is busy during re-encoding', async () => {
    const style = await created();
    runs('model-2');
    const usual = inference.encode;
    let away = 2;
    inference.encode = (...call) =>
      away-- > 0 ? Promise.reject(new InferenceError('unavailable', 'full')) : usual(...call);
    const id = await queued(style);
    await process(id);
    expect((await stateOf(id)).status).toBe('completed');
  });

  describe('while two models are in service', () => {
    const withoutPauses = () => jest.spyOn(Math, 'random').mockReturnValue(-1.5);

    it('is always used with the model of its code, whichever replica answers', async () => {
      const style = await created();
      const other = await created();
      const ids = await Promise.all(
        Array.from({ length: 6 }, (_, i) => (i % 2 ? queued(style) : queued(style, other))),
      );
      withoutPauses();
      let call = 0;
      // Neither alternating nor random: runs of 1 to 5, which parallel calls split further.
      inference.model = () => `model-${'211222112121111122'.charAt(call++ % 18)}`;
      await Promise.all(ids.map((id) => process(id)));
      for (const id of ids) expect((await stateOf(id)).status).toBe('completed');
      expect((await spent()).release).toEqual([]);
    });

    it('fails the attempt when the replicas never agree; a later attempt succeeds', async () => {
      const style = await created();
      const id = await queued(style);
      const pauses = withoutPauses();
      let call = 2;
      inference.model = () => `model-${call++ % 2 ? 3 : 2}`;
      await expect(process(id)).rejects.toMatchObject({ kind: 'mismatch' });
      // The first preview is refused, and so on.
      expect(inference.encoded).toHaveLength(121);
      pauses.mockRestore();
      expect((await stateOf(id)).status).toBe('processing');
      expect(await modelOf(style)).toBe('model-1');

      runs('model-2');
      await process(id);
      expect(paintedWith(id)).toEqual(['model-2']);
      expect(await spent()).toEqual({ hold: [5, 10], settle: [5, 10], release: [] });
    });

    it('stops waiting at shutdown', async () => {
      const style = await created();
      const id = await queued(style);
      const stop = new AbortController();
      let call = 2;
      inference.model = () => {
        if (call === 8) stop.abort();
        return `model-${call++ % 2 ? 3 : 2}`;
      };
      await expect(process(id, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
      runs('model-1');
      await process(id);
      expect((await stateOf(id)).status).toBe('completed');
    });
  });

  describe('with failing storage', () => {
    it('is not created when its image cannot be stored', async () => {
      storage.refuses = (what, key) => what === 'put' && key.startsWith('style-pictures/');
      expectProblem(await user.createStyle(image), 503, 'STORAGE_UNAVAILABLE');
      expect(await spent()).toEqual({ hold: [5], settle: [], release: [5] });
      const [{ id }] = await app.dataSource.query(`SELECT id FROM styles`);
      expect(await filesOf(id)).toEqual([]);
    });

    it.each([
      ['its image cannot be read', 'get', 'style-pictures/'],
      ['its new preview cannot be stored', 'put', 'previews/'],
    ])('fails only the attempt when %s', async (_what, refused, path) => {
      const style = await created();
      const id = await queued(style);
      runs('model-2');
      storage.refuses = (what, key) => what === refused && key.startsWith(path);
      await expect(process(id)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      expect(await modelOf(style)).toBe('model-1');

      storage.refuses = () => false;
      await process(id);
      expect(paintedWith(id)).toEqual(['model-2']);
      expect(await spent()).toEqual({ hold: [5, 10], settle: [5, 10], release: [] });
    });

    it.each<[string, (style: string) => unknown]>([
      ['its image is lost', (style) => storage.delete(`style-pictures/${style}.jpg`)],
      [
        'the new encoder rejects its image',
        () =>
          (inference.encode = () =>
            Promise.reject(new InferenceError('rejected', 'no', { code: 'IMAGE_UNREADABLE' }))),
      ],
    ])('fails the transformation for good, with a refund, when %s', async (_what, breaks) => {
      const style = await created();
      const id = await queued(style);
      runs('model-2');
      await breaks(style);
      await process(id);
      const { status, error } = await stateOf(id);
      expect([status, error?.code]).toEqual(['failed', 'STYLE_OUTDATED']);
      expect(await modelOf(style)).toBe('model-1');
      expect(await spent()).toEqual({ hold: [5, 10], settle: [5], release: [10] });
    });
  });

  describe('from before images were stored', () => {
    it('is refused with advice, and nothing is charged or stored', async () => {
      const style = await created();
      await fromBefore(style);
      const response = await submit([{ id: 'starry-night' }, { id: style.toUpperCase() }]);
      expectProblem(response, 409, 'STYLE_OUTDATED');
      expect(response.body.detail).toContain('Create it again');
      expect(await spent()).toEqual({ hold: [5], settle: [5], release: [] });
      expect(inference.seen).toHaveLength(1);
      // It can still be viewed and deleted.
      await user.get(`/v1/styles/${style}/preview`).expect(200);
      await remove(style);
    });

    it('refunds queued jobs and gives the reason', async () => {
      const style = await created();
      const id = await queued(style);
      await fromBefore(style);
      await process(id);
      const { status, error } = await stateOf(id);
      expect([status, error?.code]).toEqual(['failed', 'STYLE_OUTDATED']);
      expect(error?.detail).toContain('Create it again');

      const later = await created();
      const waiting = submit([{ id: later }]).then((response) => response);
      const [job] = await until(idsByAge, ({ length }) => length === 2);
      await fromBefore(later);
      await process(String(job));
      expectProblem(await waiting, 409, 'STYLE_OUTDATED');
      expect(await spent()).toEqual({ hold: [5, 10, 5, 10], settle: [5, 5], release: [10, 10] });
    });
  });

  describe('when it is deleted', () => {
    it('loses its image at once', async () => {
      const style = await created();
      expect(await filesOf(style)).toEqual(keys(style));
      await remove(style);
      expect(await filesOf(style)).toEqual([]);
    });

    it.each(['style-pictures/', 'previews/'])(
      'loses it later when the disk refuses to delete %s',
      async (path) => {
        const style = await created();
        storage.refuses = (what, key) => what === 'delete' && key.startsWith(path);
        await remove(style);
        await app.app.get(StyleHousekeeping).run();
        expect(await filesOf(style)).not.toEqual([]);
        storage.refuses = () => false;
        await app.app.get(StyleHousekeeping).run();
        expect(await filesOf(style)).toEqual([]);
      },
    );

    it('still serves accepted jobs, but not with another model', async () => {
      const style = await created();
      const [before, after] = [await queued(style), await queued(style)];
      await remove(style);
      await process(before);
      expect((await stateOf(before)).status).toBe('completed');
      runs('model-2');
      await process(after);
      expect((await stateOf(after)).error?.code).toBe('STYLE_OUTDATED');
      expect(await spent()).toEqual({ hold: [5, 10, 10], settle: [5, 10], release: [10] });
    });

    it('during re-encoding, completes the job and leaves no file of the style', async () => {
      const style = await created();
      const id = await queued(style);
      runs('model-2');
      const held = inference.holdNextEncoding();
      const working = process(id);
      await held.begun;
      await remove(style);
      held.release();
      await working;
      expect((await stateOf(id)).status).toBe('completed');
      expect(paintedWith(id)).toEqual(['model-2']);
      expect(await filesOf(style)).toEqual([]);
    });
  });
});
