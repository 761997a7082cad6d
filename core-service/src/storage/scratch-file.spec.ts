import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readerOf, withScratchFile } from './scratch-file.js';

describe('a scratch file', () => {
  const { TMPDIR } = process.env;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stylizer-scratch-'));
    process.env.TMPDIR = folder;
  });
  afterEach(async () => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rm(folder, { recursive: true });
  });

  it('can be written, and read more than once', async () => {
    const read = await withScratchFile(async (file) => {
      await file.writeFile('a picture');
      return [await text(readerOf(file)), await text(readerOf(file))];
    });
    expect(read).toEqual(['a picture', 'a picture']);
  });

  it('can be read again by whoever gave up an earlier reading, begun or not', async () => {
    const content = 'a large picture'.repeat(100_000);
    const read = await withScratchFile(async (file) => {
      await file.writeFile(content);
      const [begun, never] = [readerOf(file), readerOf(file)];
      await once(begun, 'readable');
      for (const reader of [begun, never]) await once(reader.destroy(), 'close');
      return text(readerOf(file));
    });
    expect(read).toBe(content);
  });

  it('has left no name behind while the work is going on, nor when it failed', async () => {
    const work = withScratchFile(async (file) => {
      await file.writeFile('half a picture');
      expect(await readdir(folder)).toEqual([]);
      throw new Error('the work failed');
    });
    await expect(work).rejects.toThrow('the work failed');
    expect(await readdir(folder)).toEqual([]);
  });
});
