/** Writes models/previews/<id>.webp: a part of the sample scene in every style of the catalogue. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { createOnnxEngine } from '../src/engine/onnx-engine.js';
import { stylesFileSchema } from '../src/model/catalogue.js';
import type { Pixels } from '../src/engine/engine.js';
import { stylizeWhole } from '../src/stylize/stylizer.js';
import { type ImageRunner, runTask } from '../src/stylize/task.js';

/** Boats, lighthouse, town and sky, in pixels of the sample. */
const PART = { left: 110, top: 200, width: 1200, height: 800 };

/** Stylized at this size and shown at two thirds of it, which keeps strokes crisp. */
const STYLED = { width: 576, height: 384 };
const SHOWN = { width: 384, height: 256 };

const sample = fileURLToPath(new URL('../../assets/sample.jpg', import.meta.url));
const modelDir = fileURLToPath(new URL('../models', import.meta.url));

const engine = await createOnnxEngine({ modelDir, threads: 2, device: 'cpu' });
const runner: ImageRunner = { size: 1, run: (task) => runTask(engine, task) };

const part = await sharp(sample).extract(PART).resize(STYLED).raw().toBuffer();
const photo: Pixels = { ...STYLED, data: new Uint8Array(part) };
const text = await readFile(join(modelDir, 'styles.json'), 'utf8');

await rm(join(modelDir, 'previews'), { recursive: true, force: true });
await mkdir(join(modelDir, 'previews'));
for (const { id, code } of stylesFileSchema.parse(JSON.parse(text)).styles) {
  const look = { preserveColors: false, photoShare: 0 };
  const { data } = await stylizeWhole(photo, Float32Array.from(code), look, runner);
  await sharp(data, { raw: { ...STYLED, channels: 3 } })
    .resize(SHOWN)
    .webp({ quality: 80 })
    .toFile(join(modelDir, 'previews', `${id}.webp`));
  console.log(id);
}
