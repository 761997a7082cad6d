import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Manifest, ModelError, modelIdOf, sha256, verifyModel } from './manifest.js';

let dir: string;

const FILES = ['style-encoder.onnx', 'network.onnx', 'styles.json'];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'model-'));
  const bytes = Buffer.from('weights');
  const entry = { sha256: sha256(bytes), bytes: bytes.length };
  const files = Object.fromEntries(FILES.map((file) => [file, entry]));
  for (const file of FILES) await writeFile(join(dir, file), bytes);
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

describe('the id of a model without ONNX graphs', () => {
  const id = (files: Record<string, string>) =>
    modelIdOf({
      name: 'test',
      version: '1',
      files: Object.fromEntries(
        Object.entries(files).map(([file, text]) => [
          file,
          { sha256: sha256(Buffer.from(text)), bytes: 1 },
        ]),
      ),
    });

  it('is that of its weights', () => {
    const models = ['a', 'b'].map((weights) => id({ 'weights.safetensors': weights }));
    expect(new Set(models).size).toBe(2);
  });

  it('changes with every file of its graph models, and with no other', () => {
    const graphs = { 'style-encoder/model.json': 'a', 'network/model.json': 'b' };
    const shard = id({ ...graphs, 'network/group1-shard1of1.bin': 'c' });
    expect(new Set([id(graphs), shard, id({ ...graphs, 'network/model.json': 'c' })]).size).toBe(3);
    expect(id({ ...graphs, 'previews/a.webp': 'd', 'styles.json': 'e' })).toBe(id(graphs));
  });
});

describe('verifyModel', () => {
  it('returns the manifest of a complete folder', async () => {
    expect(await verifyModel(dir, 'onnx')).toMatchObject({ name: 'test', version: '1' });
  });

  it.each(FILES)('names %s when one of its bits is wrong', async (file) => {
    await write(file, 'weightz');
    await expect(verifyModel(dir, 'onnx')).rejects.toThrow(ModelError);
    await expect(verifyModel(dir, 'onnx')).rejects.toThrow(`${file} is damaged`);
  });

  it.each(FILES)('names %s when it is missing', async (file) => {
    await rm(join(dir, file));
    await expect(verifyModel(dir, 'onnx')).rejects.toThrow(`${file} is missing`);
  });

  it('requires the files that the engine loads', async () => {
    await expect(verifyModel(dir, 'tensorflow')).rejects.toThrow(
      'weights.safetensors, or style-encoder/model.json and network/model.json',
    );
  });

  it.each(['not json', '{}', '{"name":"a","version":"1","files":{}}'])(
    'refuses the manifest %s',
    async (text) => {
      await write('manifest.json', text);
      await expect(verifyModel(dir, 'onnx')).rejects.toThrow(ModelError);
    },
  );
});
