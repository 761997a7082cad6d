/**
 * Draws the product's demo picture, `sample.jpg`: a harbour town at golden hour, seen over the
 * parapet of a flower-lined terrace. Everything in it comes from the code in `scene/`.
 *
 * Techniques: triangles in a bounding volume hierarchy, 9 stratified rays a pixel, soft sun
 * shadows, one traced bounce of sky light, procedural fbm patterns (Perlin 1985), ray-marched
 * clouds, ridged mountains (Musgrave 1994), Fresnel water (Schlick 1994), and at the end a lens:
 * bloom, vignette, grain and the filmic curve of Narkowicz (2015). Randomness is hashed from pixel
 * positions, so every run gives the same picture.
 *
 * Usage: node assets/render-sample.ts [output.jpg|output.png] [width] [rays per pixel side]
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { buildBoats } from './scene/boats.ts';
import { buildLand } from './scene/land.ts';
import { Scene } from './scene/light.ts';
import type { Dice } from './scene/light.ts';
import { clamp, hash, lerp, normalize, smoothstep } from './scene/math.ts';
import type { Vec3 } from './scene/math.ts';
import { MeshBuilder } from './scene/mesh.ts';
import { Panorama } from './scene/sky.ts';
import { buildTerrace } from './scene/terrace.ts';
import { buildTown } from './scene/town.ts';
import { buildHillside } from './scene/trees.ts';

const [, , outputArgument, widthArgument, raysArgument] = process.argv;
const OUTPUT = outputArgument ?? fileURLToPath(new URL('sample.jpg', import.meta.url));
const WIDTH = Number(widthArgument ?? 1536);
const HEIGHT = Math.round((WIDTH * 2) / 3);
const GRID = Number(raysArgument ?? 3);
const RAYS = GRID * GRID;

const EYE: Vec3 = [0, 12, 0];
/** Half the picture's width one metre in front of the eye: a 58 degree lens. */
const HALF_WIDTH = 0.554;
const HALF_HEIGHT = (HALF_WIDTH * 2) / 3;
/** Like a shift lens, this moves the horizon up while walls stay upright. */
const LENS_SHIFT = -0.035;
/** Caps single rays, so that one lucky sparkle cannot burn out its pixel. */
const BRIGHTEST = 24;
const EXPOSURE = 0.74;

function buildScene(): Scene {
  const mesh = new MeshBuilder();
  buildLand(mesh);
  buildTown(mesh);
  buildBoats(mesh);
  buildHillside(mesh);
  buildTerrace(mesh, EYE);
  const pixelsPerRadian = WIDTH / (2 * HALF_WIDTH);
  return new Scene(mesh, Panorama.bake(pixelsPerRadian));
}

/** Jittered samples that, over the rays of one pixel, cover the unit square evenly. */
function diceFor(column: number, row: number, ray: number): Dice {
  return (dimension) => {
    const turn = Math.floor(hash(column, row, dimension) * RAYS);
    const cell = (ray * 7 + turn) % RAYS;
    const seed = 100 + ray * 8 + dimension;
    const a = (cell % GRID) + hash(column, row, seed);
    const b = Math.floor(cell / GRID) + hash(row, column, seed);
    return [a / GRID, b / GRID];
  };
}

function renderPixel(scene: Scene, column: number, row: number): Vec3 {
  const sum: Vec3 = [0, 0, 0];
  for (let ray = 0; ray < RAYS; ray++) {
    const offsetX = ((ray % GRID) + hash(column, row, ray + 31)) / GRID;
    const offsetY = (Math.floor(ray / GRID) + hash(row, column, ray + 31)) / GRID;
    const x = (((column + offsetX) / WIDTH) * 2 - 1) * HALF_WIDTH;
    const y = (1 - ((row + offsetY) / HEIGHT) * 2) * HALF_HEIGHT + LENS_SHIFT;
    const light = scene.see(EYE, normalize([x, y, 1]), diceFor(column, row, ray));
    for (let k = 0; k < 3; k++) sum[k]! += Math.min(light[k]!, BRIGHTEST) / RAYS;
  }
  return sum;
}

/** Running-sum box blur along one axis: `lines` runs of `length` pixels, `step` pixels apart. */
function blurLines(
  image: Float32Array,
  lines: number,
  lineStep: number,
  length: number,
  step: number,
  radius: number,
): void {
  const line = new Float32Array(length);
  for (let index = 0; index < lines * 3; index++) {
    const start = Math.floor(index / 3) * lineStep * 3 + (index % 3);
    const at = (position: number): number => start + clamp(position, 0, length - 1) * step * 3;
    let sum = 0;
    for (let position = -radius; position <= radius; position++) sum += image[at(position)]!;
    for (let position = 0; position < length; position++) {
      line[position] = sum / (2 * radius + 1);
      sum += image[at(position + radius + 1)]! - image[at(position - radius)]!;
    }
    for (let position = 0; position < length; position++) image[at(position)] = line[position]!;
  }
}

/** Light that spills around the brightest parts: three box blurs come close to a Gaussian. */
function bloomOf(image: Float32Array): Float32Array {
  const bloom = image.map((value) => Math.max(value - 1.6, 0));
  const radius = Math.round(WIDTH / 110);
  for (let pass = 0; pass < 3; pass++) {
    blurLines(bloom, HEIGHT, WIDTH, WIDTH, 1, radius);
    blurLines(bloom, WIDTH, 1, HEIGHT, WIDTH, radius);
  }
  return bloom;
}

function filmic(x: number): number {
  return clamp((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0, 1);
}

/** From linear light to the bytes of the print. */
function develop(image: Float32Array): Buffer {
  const bloom = bloomOf(image);
  const bytes = Buffer.alloc(image.length);
  for (let index = 0; index < image.length; index++) {
    const pixel = Math.floor(index / 3);
    const [column, row] = [pixel % WIDTH, Math.floor(pixel / WIDTH)];
    const fromCenter = Math.hypot(column / WIDTH - 0.5, row / HEIGHT - 0.5);
    const vignette = lerp(1, 0.72, smoothstep(0.35, 0.78, fromCenter));
    const tone = filmic((image[index]! + 0.35 * bloom[index]!) * EXPOSURE * vignette);
    const grain = (hash(column, row, 991) - 0.5) * 0.012;
    bytes[index] = Math.round(255 * clamp(Math.pow(tone, 1 / 2.2) + grain, 0, 1));
  }
  return bytes;
}

const scene = buildScene();
const image = new Float32Array(WIDTH * HEIGHT * 3);
for (let row = 0; row < HEIGHT; row++) {
  for (let column = 0; column < WIDTH; column++) {
    image.set(renderPixel(scene, column, row), (row * WIDTH + column) * 3);
  }
}
const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
const picture = sharp(develop(image), { raw });
await (OUTPUT.endsWith('.png') ? picture.png() : picture.jpeg({ quality: 90 })).toFile(OUTPUT);
