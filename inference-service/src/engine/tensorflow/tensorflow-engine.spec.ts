import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine, Pixels } from '../engine.js';
import type { Binding } from './binding.js';
import { createTensorflowEngine } from './tensorflow-engine.js';

const binding = (process.env['INFERENCE_ENGINE'] ?? 'tfjs-wasm') as Binding;
const modelDir = fileURLToPath(new URL('../../../models', import.meta.url));
const options = { modelDir, binding, threads: 2, requireGpu: false };

const picture = (seed: number, side = 16): Pixels => ({
  data: Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * i * seed) % 256),
  width: side,
  height: side,
});
const code = (seed: number) => Float32Array.from({ length: 128 }, (_, i) => Math.sin(seed * i) / 9);

describe(`the TensorFlow engine on ${binding}`, () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createTensorflowEngine(options);
  });

  it('holds as much memory after 1,000 images as after 10', async () => {
    const style = picture(7, 256);
    const image = async (seed: number) => {
      await engine.stylize([{ content: picture(seed), code: code(seed) }]);
      if (seed % 100 > 0) return;
      const statistics = await engine.statistics([picture(seed), picture(seed + 1)], code(seed));
      await engine.stylize([{ content: picture(seed), code: code(seed), statistics }]);
      await engine.encode(style);
    };
    for (let seed = 0; seed < 10; seed++) await image(seed);
    const { numTensors, numBytes } = tf.memory();
    for (let seed = 10; seed < 1_000; seed++) await image(seed);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
  });

  it.each([false, true])(
    'gives each picture of a batch what it gets alone, statistics given: %s',
    async (given) => {
      const run = async (seed: number) => ({
        content: picture(seed, 32),
        code: code(seed),
        statistics: given
          ? await engine.statistics([picture(seed + 2, 32)], code(seed))
          : undefined,
      });
      const alone = [
        ...(await engine.stylize([await run(3)])),
        ...(await engine.stylize([await run(5)])),
      ];
      const together = await engine.stylize([await run(3), await run(5)]);
      expect(alone[0]?.data).not.toEqual(alone[1]?.data);
      together.forEach(({ data }, index) => {
        const differences = data.map((value, i) =>
          Math.abs(value - (alone[index]?.data[i] ?? NaN)),
        );
        expect(Math.max(...differences)).toBeLessThanOrEqual(1);
      });
    },
  );

  it('takes a style of its size alone', async () => {
    await expect(engine.encode(picture(1, 64))).rejects.toThrow('256');
  });

  it('is not there without a GPU where it has to have one', async () => {
    await expect(createTensorflowEngine({ ...options, requireGpu: true })).rejects.toThrow(
      `${binding} found no GPU`,
    );
  });

  it('says what to install', async () => {
    await expect(createTensorflowEngine({ ...options, binding: 'tfjs-node-gpu' })).rejects.toThrow(
      'npm install --no-save @tensorflow/tfjs-node-gpu@4.22.0',
    );
  });
});
