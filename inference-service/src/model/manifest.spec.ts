import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Manifest,
  ModelError,
  modelIdOf,
  REQUIRED_FILES,
  sha256,
  verifyModel,
} from './manifest.js';

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

describe('the id of a model', () => {
  const entry = (digit: string) => ({ sha256: digit.repeat(64), bytes: 1 });
  const manifest = (files: Partial<Manifest['files']> = {}): Manifest => ({
    name: 'test',
    version: '1',
    files: {
      'style-encoder.onnx': entry('1'),
      'network.onnx': entry('2'),
      'styles.json': entry('3'),
      ...files,
    },
  });
  const id = modelIdOf(manifest());

  it('is short, and changes with the encoder and with the network', () => {
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    const others = [
      manifest({ 'style-encoder.onnx': entry('4') }),
      manifest({ 'network.onnx': entry('4') }),
      manifest({ 'style-encoder.onnx': entry('2'), 'network.onnx': entry('1') }),
    ].map(modelIdOf);
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it('does not change with anything that codes do not depend on', () => {
    const files = { 'styles.json': entry('4'), 'previews/a.webp': entry('5') };
    expect(modelIdOf({ ...manifest(files), name: 'other', version: '2' })).toBe(id);
  });
});

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
