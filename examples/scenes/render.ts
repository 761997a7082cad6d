/**
 * Draws one of the product's demo pictures. Everything in them comes from the code beside this
 * file. Randomness is hashed from pixel positions, so every run gives the same picture.
 *
 * Usage: npm run render -- SCENE [output.jpg|output.png] [width] [rays per pixel side]
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { cat } from './cat/cat.ts';
import { develop } from './scene/develop.ts';
import { Frame } from './scene/frame.ts';
import type { Picture } from './scene/frame.ts';
import { harbour } from './scene/harbour.ts';
import { stillLife } from './still-life/still-life.ts';

const PICTURES: Partial<Record<string, Picture>> = { harbour, cat, 'still-life': stillLife };

const [, , name = '', outputArgument, widthArgument, raysArgument] = process.argv;
const picture = PICTURES[name];
if (!picture) {
  console.error(`usage: npm run render -- ${Object.keys(PICTURES).join('|')} [output] [width]`);
  process.exit(2);
}
const output =
  outputArgument ?? fileURLToPath(new URL(`../../assets/${picture.file}`, import.meta.url));
const width = Number(widthArgument ?? picture.width);
const height = Math.round((width * picture.height) / picture.width);
const frame = new Frame(width, height, Number(raysArgument ?? picture.grid));
const bytes = develop(picture.expose(frame), width, height, picture.exposure);
const print = sharp(bytes, { raw: { width, height, channels: 3 } });
await (output.endsWith('.png') ? print.png() : print.jpeg({ quality: 90 })).toFile(output);
