import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import sharp from 'sharp';
import { execArgv } from '../src/threads/spawn-options.js';
import { ENGINE } from './support/engine.js';
import { writeGraphModel } from './support/graph-model.js';
import { meanColour, psnr, scene } from './support/pictures.js';
import { jpegOf, stylize } from './support/requests.js';
import { runService, type RunningService } from './support/running-service.js';

const TEAL = [20, 120, 130];

describe('TF.js graph models in MODEL_DIR', () => {
  let dir: string;
  let service: RunningService;

  const start = (env: Record<string, string> = {}) =>
    runService({
      INFERENCE_ENGINE: ENGINE === 'onnx' ? 'tfjs-wasm' : ENGINE,
      MODEL_DIR: dir,
      ...env,
    });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'graph-model-'));
    writeGraphModel(dir);
    const code = Array.from({ length: 128 }, (_, i) => (TEAL[i] ?? 0) / 255);
    const style = {
      id: 'teal',
      name: 'Teal',
      description: 'A colour',
      tags: [],
      source: 'ours',
      code,
    };
    await writeFile(join(dir, 'styles.json'), JSON.stringify({ styles: [style] }));
    await writeFile(join(dir, 'manifest.json'), JSON.stringify({ name: 'own', version: '1' }));
    const workspace = fileURLToPath(new URL('..', import.meta.url));
    execFileSync('node', [...execArgv, 'scripts/write-manifest.ts', dir], { cwd: workspace });
    service = await start();
  });
  afterAll(async () => {
    await service.close();
    await rm(dir, { recursive: true });
  });

  it('stylize in a style of their catalogue', async () => {
    const picture = await scene().png().toBuffer();
    const params = { styles: [{ id: 'teal' }] };
    const stylized = jpegOf(await stylize(service.url, picture, params));
    for (const [channel, mean] of (await meanColour(stylized)).entries())
      expect(Math.abs(mean - (TEAL[channel] ?? NaN))).toBeLessThan(6);
    const { channels } = await sharp(stylized).stats();
    for (const { stdev } of channels) expect(Math.abs(stdev - 32)).toBeLessThan(8);
  });

  it('encode images to codes that stylize', async () => {
    const red = await sharp({
      create: { width: 64, height: 64, channels: 3, background: '#c02010' },
    })
      .png()
      .toBuffer();
    const { body } = await request(service.url)
      .post('/v1/styles/encode')
      .attach('image', red, 'red.png');
    const { code, model } = body as { code: number[]; model: string };
    expect(code.slice(0, 3).map((value) => Math.round(255 * value))).toEqual([0xc0, 0x20, 0x10]);
    const params = { styles: [{ code, model }] };
    const stylized = jpegOf(await stylize(service.url, await scene().png().toBuffer(), params));
    expect(Math.abs(((await meanColour(stylized))[0] ?? NaN) - 0xc0)).toBeLessThan(12);
  });

  it('stylize large images in tiles, with the statistics of the whole', async () => {
    const picture = await scene(1200, 900).png().toBuffer();
    const params = { styles: [{ id: 'teal' }] };
    const byTiles = await start({ WHOLE_IMAGE_MAX_PIXELS: '65536' });
    const [tiled, whole] = await Promise.all(
      [byTiles, service].map(({ url }) => stylize(url, picture, params).then(jpegOf)),
    );
    await byTiles.close();
    expect(await psnr(tiled as Buffer, whole as Buffer)).toBeGreaterThan(25);
  });
});
