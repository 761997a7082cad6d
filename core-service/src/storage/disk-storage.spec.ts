import { symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { DiskStorage } from './disk-storage.js';
import { readAll } from './object-storage.js';

describe('DiskStorage', () => {
  let parent: string;
  let root: string;
  let storage: DiskStorage;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'stylizer-disk-'));
    root = join(parent, 'storage');
    storage = new DiskStorage(root);
  });
  afterEach(() => rm(parent, { recursive: true }));

  const key = 'transformations/019a/original.jpg';
  const read = async (from: DiskStorage = storage) => {
    const object = await from.get(key);
    return object && { bytes: object.bytes, content: await readAll(object) };
  };
  const files = async () =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name);

  it('gives back what was put, with its length', async () => {
    const content = Buffer.from('a picture');
    await storage.put(key, content);
    expect(await read()).toEqual({ bytes: 9, content });
    expect(await files()).toEqual(['original.jpg']);
  });

  it('has nothing where nothing was put, and deletes that without complaint', async () => {
    expect(await storage.get(key)).toBeUndefined();
    await storage.delete(key);
    await storage.put(key, Buffer.from('x'));
    await storage.delete(key);
    expect(await storage.get(key)).toBeUndefined();
  });

  const sourceOf = (content: Buffer, bytes = content.length) => ({
    bytes,
    digest: '',
    open: () => Readable.from([content.subarray(0, 4), content.subarray(4)]),
  });

  it('takes what is read while it is stored', async () => {
    const content = Buffer.from('a large picture');
    await storage.put(key, sourceOf(content));
    expect(await read()).toEqual({ bytes: content.length, content });
  });

  it('does not take it in part', async () => {
    const failing = {
      ...sourceOf(Buffer.alloc(0), 100),
      open: () =>
        Readable.from(
          (function* () {
            yield Buffer.alloc(50);
            throw new Error('broke off');
          })(),
        ),
    };
    for (const source of [failing, sourceOf(Buffer.from('too short'), 100)]) {
      await expect(storage.put(key, source)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      expect(await read()).toBeUndefined();
      expect(await files()).toEqual([]);
    }
  });

  it('shows a reader the old object or the new one, never a part or a mixture', async () => {
    const versions = ['a', 'b'].map((letter) => Buffer.alloc(2_000_000, letter));
    await storage.put(key, versions[0] as Buffer);
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 20; i++) await storage.put(key, versions[i % 2] as Buffer);
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      const object = await read();
      expect(object?.bytes).toBe(2_000_000);
      expect(versions.some((version) => object?.content.equals(version))).toBe(true);
      reads++;
    }
    await writer;
    expect(reads).toBeGreaterThan(1);
    expect(await files()).toEqual(['original.jpg']);
  });

  it('does not begin an object before it is whole', async () => {
    // Its parts are written below a folder that is not there: the put fails half-way.
    const broken = new DiskStorage(root, () => 'no-such-folder/part');
    await expect(broken.put(key, Buffer.from('new'))).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(await read()).toBeUndefined();
  });

  it('says that the disk is full, keeps what was there, and leaves nothing of the rest', async () => {
    await storage.put(key, Buffer.from('old'));
    const full = new DiskStorage(root, () => {
      // A link, for the part is removed afterwards.
      symlinkSync('/dev/full', join(root, 'part'));
      return 'part';
    });
    for (const content of [Buffer.from('new'), sourceOf(Buffer.from('newer'))])
      await expect(full.put(key, content)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect((await read())?.content.toString()).toBe('old');
    expect(await files()).toEqual(['original.jpg']);
  });

  it.each([
    '../outside.jpg',
    'transformations/../../outside.jpg',
    '/etc/passwd',
    'transformations//x.jpg',
    'transformations/./x.jpg',
    '.part-1',
    'transformations\\x.jpg',
    'transformations/x\0.jpg',
    'Transformations/X.jpg',
    '',
  ])('refuses the key %j', async (bad) => {
    await writeFile(join(parent, 'outside.jpg'), 'not yours');
    for (const work of [
      () => storage.put(bad, Buffer.from('x')),
      () => storage.get(bad),
      () => storage.delete(bad),
    ])
      await expect(work()).rejects.toThrow('not a storage key');
    expect(await readdir(parent)).toEqual(['outside.jpg']);
  });

  describe('whose files fan out', () => {
    const keys = Array.from({ length: 2_000 }, () => `results/${uuidv7()}.jpg`);
    const folders = () => readdir(join(root, 'results'));

    it('spreads what is stored within one moment evenly', async () => {
      for (let i = 0; i < keys.length; i += 50)
        await Promise.all(keys.slice(i, i + 50).map((each) => storage.put(each, Buffer.from('x'))));
      const found = await folders();
      expect(found.every((name) => /^_[0-9a-f]{3}$/.test(name))).toBe(true);
      // 2,000 random keys leave 61 % of 4,096 folders empty and put only a few files in any one.
      expect(found.length).toBeGreaterThan(1_400);
      const counts = await Promise.all(
        found.map(async (name) => (await readdir(join(root, 'results', name))).length),
      );
      expect(Math.max(...counts)).toBeLessThan(9);
    }, 60_000);

    it('keeps its folders when they are empty, and uses them again', async () => {
      const few = keys.slice(0, 20);
      for (const each of few) await storage.put(each, Buffer.from('x'));
      const before = await folders();
      for (const each of few) await storage.delete(each);
      expect(await files()).toEqual([]);
      expect(await folders()).toEqual(before);
      for (const each of few) await storage.put(each, Buffer.from('x'));
      expect(await folders()).toEqual(before);
    });

    it('makes a folder anew that was taken away', async () => {
      await storage.put(key, Buffer.from('old'));
      await rm(root, { recursive: true });
      await storage.put(key, Buffer.from('new'));
      expect((await read())?.content.toString()).toBe('new');
    });
  });

  describe('with objects from before files fanned out', () => {
    beforeEach(async () => {
      await mkdir(join(root, 'transformations/019a'), { recursive: true });
      await writeFile(join(root, key), 'earlier');
    });

    it('reads them', async () => {
      expect((await read())?.content.toString()).toBe('earlier');
    });

    it('deletes them', async () => {
      await storage.delete(key);
      expect(await read()).toBeUndefined();
      expect(await files()).toEqual([]);
    });

    it('overwrites them, and brings none back when it deletes', async () => {
      await storage.put(key, Buffer.from('new'));
      expect((await read())?.content.toString()).toBe('new');
      await storage.delete(key);
      expect(await read()).toBeUndefined();
      expect(await files()).toEqual([]);
    });
  });

  it('is well when it can be written to, and says so when it cannot', async () => {
    await storage.check();
    await writeFile(join(parent, 'file'), '');
    await expect(new DiskStorage(join(parent, 'file')).check()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
  });
});
