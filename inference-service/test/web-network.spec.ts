import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CODE_LENGTH, type Engine } from '../src/engine/engine.js';
import { createOnnxEngine } from '../src/engine/onnx-engine.js';
import { scene } from './support/pictures.js';

const models = fileURLToPath(new URL('../models', import.meta.url));
const SIZE = { width: 192, height: 128 };

describe('the network for browsers', () => {
  let folder: string;
  let served: Engine;
  let web: Engine;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'network-web-'));
    await copyFile(join(models, 'network-web.onnx'), join(folder, 'network.onnx'));
    await copyFile(join(models, 'style-encoder.onnx'), join(folder, 'style-encoder.onnx'));
    const open = (modelDir: string) => createOnnxEngine({ modelDir, threads: 1, device: 'cpu' });
    [served, web] = [await open(models), await open(folder)];
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is at most 3 MB to download', async () => {
    expect((await stat(join(models, 'network-web.onnx'))).size).toBeLessThanOrEqual(3_000_000);
  });

  it('paints as the service does, to 2 levels of 255 on average', async () => {
    const data = new Uint8Array(await scene(SIZE.width, SIZE.height).raw().toBuffer());
    const code = Float32Array.from({ length: CODE_LENGTH }, (_, i) => Math.sin(3 * i) / 3);
    const paint = async (engine: Engine) => {
      const [picture] = await engine.stylize([{ content: { ...SIZE, data: data.slice() }, code }]);
      return picture?.data ?? new Uint8Array();
    };
    const [whole, half] = [await paint(served), await paint(web)];
    const sum = whole.reduce((total, value, i) => total + Math.abs(value - (half[i] ?? NaN)), 0);
    expect(whole).toHaveLength(data.length);
    expect(sum / whole.length).toBeLessThanOrEqual(2);
  });
});
