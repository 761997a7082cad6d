import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModelError, REQUIRED_FILES, sha256, verifyModel } from './manifest.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'model-'));
  const bytes = Buffer.from('weights');
  const entry = { sha256: sha256(bytes), bytes: bytes.length };
  const files = Object.fromEntries(REQUIRED_FILES.map((file) => [file, entry]));
  for (const file of REQUIRED_FILES) await writeFile(join(dir, file), bytes);
  await write('manifest.json', JSON.stringify({ name: 'test', version: '1', files }));
});
afterEach(() => rm(dir, { recursive: true }));

const write = (file: string, text: string) => writeFile(join(dir, file), text);

describe('verifyModel', () => {
  it('gives the manifest of a whole folder', async () => {
    expect(await verifyModel(dir)).toMatchObject({ name: 'test', version: '1' });
  });

  it.each(REQUIRED_FILES)('names %s when one of its bits is wrong', async (file) => {
    await write(file, 'weightz');
    await expect(verifyModel(dir)).rejects.toThrow(ModelError);
    await expect(verifyModel(dir)).rejects.toThrow(`${file} is damaged`);
  });

  it.each(REQUIRED_FILES)('names %s when it is missing', async (file) => {
    await rm(join(dir, file));
    await expect(verifyModel(dir)).rejects.toThrow(`${file} is missing`);
  });

  it.each(['not json', '{}', '{"name":"a","version":"1","files":{}}'])(
    'refuses the manifest %s',
    async (text) => {
      await write('manifest.json', text);
      await expect(verifyModel(dir)).rejects.toThrow(ModelError);
    },
  );
});
