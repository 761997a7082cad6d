import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pixels } from '../src/engine/engine.js';
import type { Binding } from '../src/engine/tensorflow/binding.js';
import { stylesFileSchema } from '../src/model/catalogue.js';
import type { Task } from '../src/stylize/task.js';
import type { EngineOptions } from '../src/engine/create-engine.js';
import { ThreadPool } from '../src/threads/thread-pool.js';
import { ENGINE } from './support/engine.js';
import { scene } from './support/pictures.js';

/** WASM is always there; `make test-tensorflow` names the native one. */
const binding = ENGINE === 'onnx' ? 'tfjs-wasm' : (ENGINE as Binding);

const modelDir = fileURLToPath(new URL('../models', import.meta.url));
const styles = stylesFileSchema
  .parse(JSON.parse(await readFile(join(modelDir, 'styles.json'), 'utf8')))
  .styles.map(({ id, code }) => [id, Float32Array.from(code)] as const);
const [[, first]] = styles as [(typeof styles)[number]];

const never = new AbortController().signal;
const plain = { preserveColors: false, photoShare: 0 };

/** 8-bit levels. */
const TOLERANCE = 2;

const picture = async (width: number, height: number, hue = 0): Promise<Pixels> => {
  const raw = scene(width, height).modulate({ hue }).removeAlpha().raw();
  return { data: new Uint8Array(await raw.toBuffer()), width, height };
};
const copy = (pixels: Pixels): Pixels => ({ ...pixels, data: pixels.data.slice() });

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++)
    most = Math.max(most, Math.abs((a[i] ?? Infinity) - (b[i] ?? -Infinity)));
  return most;
};

describe(`TensorFlow (${binding}) compared with ONNX Runtime`, () => {
  const pools: Record<'onnx' | 'tensorflow', ThreadPool> = {} as never;
  let photo: Pixels;

  beforeAll(async () => {
    const start = (engine: EngineOptions) => ThreadPool.start({ engine, workers: 1 });
    const shared = { modelDir, threads: 2 };
    pools.onnx = await start({ engine: 'onnx', device: 'cpu', ...shared });
    pools.tensorflow = await start({
      engine: 'tensorflow',
      binding,
      requireGpu: false,
      ...shared,
    });
    photo = await picture(160, 96);
  });
  afterAll(() => Promise.all(Object.values(pools).map((pool) => pool.stop())));

  /** What each engine makes of a task; it may do what it likes with its pixels. */
  async function both<T extends Task>(task: () => T) {
    const [onnx, tensorflow] = await Promise.all([
      pools.onnx.run(task(), never),
      pools.tensorflow.run(task(), never),
    ]);
    return [onnx.result, tensorflow.result] as const;
  }

  it('reports its device', () => {
    expect(pools.tensorflow.state).toMatchObject({ engine: binding, device: 'cpu', workers: 1 });
  });

  it.each(styles)('stylizes alike in %s', async (_id, code) => {
    const [onnx, tensorflow] = await both(() => ({
      kind: 'stylize',
      content: copy(photo),
      code,
      look: plain,
    }));
    expect(furthest(onnx.data, tensorflow.data)).toBeLessThanOrEqual(TOLERANCE);
    expect(furthest(photo.data, tensorflow.data)).toBeGreaterThan(20);
  });

  it('computes the same code of an image', async () => {
    const style = await picture(256, 256);
    const [onnx, tensorflow] = await both(() => ({ kind: 'encode', image: copy(style) }));
    expect(furthest(onnx, tensorflow)).toBeLessThan(1e-3);
  });

  it('computes the same joint statistics, and the same tile with them', async () => {
    const crops = await Promise.all([0, 90].map((hue) => picture(64, 64, hue)));
    const [onnx, tensorflow] = await both(() => ({
      kind: 'statistics',
      crops: crops.map(copy),
      code: first,
    }));
    const relative = onnx.map(
      (value, i) => ((tensorflow[i] ?? NaN) - value) / (1 + Math.abs(value)),
    );
    expect(furthest(relative, new Float32Array(onnx.length))).toBeLessThan(1e-3);

    const stylized = await both(() => ({
      kind: 'stylize',
      content: copy(photo),
      code: first,
      statistics: onnx,
      look: plain,
    }));
    expect(furthest(stylized[0].data, stylized[1].data)).toBeLessThanOrEqual(TOLERANCE);
  });
});
