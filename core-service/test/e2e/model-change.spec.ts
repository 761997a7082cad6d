import { createHash } from 'node:crypto';
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { ProcessTransformation } from '../../src/transformations/processing/process-transformation.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { InferenceProxy } from '../support/inference-proxy.js';
import { expectExactLedger } from '../support/ledger.js';
import { type ServiceProcess, startService } from '../support/service-process.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const MODELS = fileURLToPath(new URL('../../../inference-service/models', import.meta.url));

/** The bundled model with an encoder of other bytes and the same behaviour, and one other preview. */
async function makeModel(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'stylizer-model-'));
  await cp(MODELS, dir, { recursive: true });
  const encoder = join(dir, 'style-encoder.onnx');
  // A `doc_string` of one letter (field 6 of ONNX's ModelProto).
  const docString = Buffer.from([(6 << 3) | 2, 1, 'x'.charCodeAt(0)]);
  await writeFile(encoder, Buffer.concat([await readFile(encoder), docString]));
  await copyFile(join(dir, 'previews/sunflowers.webp'), join(dir, 'previews/starry-night.webp'));
  const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'));
  for (const file of Object.keys(manifest.files)) {
    const bytes = await readFile(join(dir, file));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    manifest.files[file] = { sha256, bytes: bytes.length };
  }
  await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest));
  return dir;
}

describe('a model change', () => {
  let app: TestApp;
  let user: TestUser;
  let proxy: InferenceProxy;
  let dir: string;
  let other: ServiceProcess;
  let photo: Buffer;

  beforeAll(async () => {
    dir = await makeModel();
    [proxy, other, photo] = await Promise.all([
      InferenceProxy.start(),
      startService('inference-service/src/main.ts', { INFERENCE_WORKERS: '1', MODEL_DIR: dir }),
      picture({ width: 120, height: 80 }),
    ]);
    app = await startTestApp({ env: { INFERENCE_URL: proxy.url } });
    user = await registered(app);
  });
  afterEach(() => void jest.restoreAllMocks());
  afterAll(async () => {
    await app.close();
    await proxy.down();
    await other.stop();
    await rm(dir, { recursive: true });
  });

  const get = (path: string, etag = '') => request(app.url).get(path).set('if-none-match', etag);
  const STARRY = '/v1/styles/starry-night/preview';

  it('keeps custom styles usable: the next image is stylized and charged once', async () => {
    const { body: style } = await user.createStyle(photo).expect(201);
    const modelOf = async () =>
      (await app.dataSource.query(`SELECT model FROM styles WHERE id = $1`, [style.id]))[0].model;
    await user.submit(photo, style.id).expect(201);
    const old = await modelOf();
    const refusals = proxy.calls.length;
    const attempts = jest.spyOn(app.app.get(ProcessTransformation), 'process');

    proxy.target = other.url;
    await user
      .submit(photo, style.id)
      .set('accept', 'image/jpeg')
      .expect(200)
      .expect('content-type', 'image/jpeg')
      .expect('x-tokens-charged', '10');
    expect(await modelOf()).not.toBe(old);
    // Refused, preview drawn, stylized; all in one attempt.
    expect(proxy.calls.length - refusals).toBe(3);
    expect(attempts).toHaveBeenCalledTimes(1);
    await user.submit(photo, style.id).expect(201);
    expect(proxy.calls.length - refusals).toBe(4);
    expect(await user.balance()).toEqual({ available: 100 - 5 - 3 * 10, held: 0 });
    await expectExactLedger(app.dataSource);
  });

  it('changes the ETags of the changed previews, and of no others, within a minute', async () => {
    proxy.target = process.env.TEST_INFERENCE_URL ?? '';
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 61_000);
    const { headers, body } = await get(STARRY).expect(200).expect('content-type', 'image/webp');
    expect(headers['cache-control']).toBe('public, max-age=300');
    const etag = String(headers.etag);
    expect((await get(STARRY, etag).expect(304)).body).toEqual({});
    const same = String((await get('/v1/styles/sunflowers/preview').expect(200)).headers.etag);
    expect(same).not.toBe(etag);

    proxy.target = other.url;
    clock.mockReturnValue(now + 122_000);
    const changed = await get(STARRY, etag).expect(200);
    expect((changed.body as Buffer).equals(body as Buffer)).toBe(false);
    expect(changed.headers.etag).toBe(same);
    await get('/v1/styles/sunflowers/preview', same).expect(304);
  });
});
