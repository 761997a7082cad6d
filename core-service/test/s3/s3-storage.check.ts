import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readAll } from '../../src/storage/object-storage.js';
import { S3Storage } from '../../src/storage/s3-storage.js';

/** Not part of `make test`, since it needs a server: CONTRIBUTING.md says how to run it. */
describe('S3Storage on a real server', () => {
  const { S3_ENDPOINT = '', S3_BUCKET = '', S3_ACCESS_KEY = '', S3_SECRET_KEY = '' } = process.env;
  const config = {
    STORAGE_S3_REGION: 'us-east-1',
    STORAGE_S3_ENDPOINT: S3_ENDPOINT,
    STORAGE_S3_ACCESS_KEY_ID: S3_ACCESS_KEY,
    STORAGE_S3_SECRET_ACCESS_KEY: S3_SECRET_KEY,
    STORAGE_S3_FORCE_PATH_STYLE: true,
  };
  const storage = new S3Storage(S3_BUCKET, config);
  const key = `transformations/${randomUUID()}/original.jpg`;
  const bytes = Buffer.alloc(3_000_000, 7);

  beforeAll(() => storage.check());

  it('returns what was stored, and its length', async () => {
    await storage.put(key, bytes, 'image/jpeg');
    const object = await storage.get(key);
    expect(object?.bytes).toBe(bytes.length);
    expect(object && (await readAll(object)).equals(bytes)).toBe(true);
  });

  it('stores a stream, and succeeds on retry after the stream broke', async () => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    let opened = 0;
    const open = () => {
      const breaksOff = ++opened === 1;
      return Readable.from(
        (function* () {
          yield bytes.subarray(0, 1_000_000);
          if (breaksOff) throw new Error('the disk is broken');
          yield bytes.subarray(1_000_000);
        })(),
      );
    };
    await storage.put(key, { bytes: bytes.length, digest, open }, 'image/jpeg');
    expect(opened).toBe(2);
    const object = await storage.get(key);
    expect(object && (await readAll(object)).equals(bytes)).toBe(true);
  });

  it('overwrites', async () => {
    await storage.put(key, Buffer.from('new'), 'image/jpeg');
    const object = await storage.get(key);
    expect(object && String(await readAll(object))).toBe('new');
  });

  it('deletes, also a missing object', async () => {
    await storage.delete(key);
    await storage.delete(key);
    expect(await storage.get(key)).toBeUndefined();
  });

  it('reports that it is unavailable when the server does not answer', async () => {
    const nobody = new S3Storage(S3_BUCKET, {
      ...config,
      STORAGE_S3_ENDPOINT: 'http://127.0.0.1:1',
    });
    await expect(nobody.put(key, bytes, 'image/jpeg')).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
  });

  it('reports a missing bucket', async () => {
    await expect(new S3Storage('no-such-bucket', config).check()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
  });
});
