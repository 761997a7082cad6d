/** Vectors, seeded randomness and lattice noise: the arithmetic every other file leans on. */

export type Vec3 = [number, number, number];

export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const sub = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vec3, s: number): Vec3 => [a[0] * s, a[1] * s, a[2] * s];
export const tint = (a: Vec3, b: Vec3): Vec3 => [a[0] * b[0], a[1] * b[1], a[2] * b[2]];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** Unit vector along `a`; straight up when `a` has no length (poles of closed surfaces). */
export function normalize(a: Vec3): Vec3 {
  const length = Math.sqrt(dot(a, a));
  return length > 1e-9 ? scale(a, 1 / length) : [0, 1, 0];
}

export const lerp = (a: number, b: number, t: number): number => a + (b - a) * t;

export const mix = (a: Vec3, b: Vec3, t: number): Vec3 => [
  lerp(a[0], b[0], t),
  lerp(a[1], b[1], t),
  lerp(a[2], b[2], t),
];

export const clamp = (x: number, low: number, high: number): number =>
  x < low ? low : x > high ? high : x;

export function smoothstep(from: number, to: number, x: number): number {
  const t = clamp((x - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}

/** Unit vector for a compass angle (0 = straight ahead, +z; positive = right) and an elevation. */
export function fromAngles(azimuthDegrees: number, elevationDegrees: number): Vec3 {
  const azimuth = (azimuthDegrees * Math.PI) / 180;
  const elevation = (elevationDegrees * Math.PI) / 180;
  const flat = Math.cos(elevation);
  return [flat * Math.sin(azimuth), Math.sin(elevation), flat * Math.cos(azimuth)];
}

/** Colour from 0xRRGGBB (sRGB) to linear light. */
export function rgb(hex: number): Vec3 {
  const linear = (byte: number) => Math.pow((byte & 255) / 255, 2.2);
  return [linear(hex >> 16), linear(hex >> 8), linear(hex)];
}

/** Integer lattice point to [0, 1): multiply and xor-shift mixing. */
export function hash(x: number, y = 0, z = 0): number {
  let h =
    Math.imul(x | 0, 0x27d4eb2f) ^ Math.imul(y | 0, 0x165667b1) ^ Math.imul(z | 0, 0x5bd1e995);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

export type Random = () => number;

/** A repeatable stream of numbers in [0, 1). */
export function createRandom(seed: number): Random {
  let counter = 0;
  return () => hash(seed, ++counter, 77);
}

export const pick = <T>(items: readonly T[], random: Random): T =>
  items[Math.floor(random() * items.length)] as T;

const fade = (t: number): number => t * t * t * (t * (t * 6 - 15) + 10);

const LATTICE = Float32Array.from({ length: 4096 }, (_, index) => hash(index, 11));
const SHUFFLE = Int32Array.from({ length: 4096 }, (_, index) => Math.floor(hash(index, 23) * 4096));

/** Lattice value noise in [0, 1] with the quintic fade of Perlin 2002. */
export function noise2(x: number, y: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const u = fade(x - ix);
  const left = SHUFFLE[ix & 4095]! + iy;
  const right = SHUFFLE[(ix + 1) & 4095]! + iy;
  const low = lerp(LATTICE[left & 4095]!, LATTICE[right & 4095]!, u);
  const high = lerp(LATTICE[(left + 1) & 4095]!, LATTICE[(right + 1) & 4095]!, u);
  return lerp(low, high, fade(y - iy));
}

export function noise3(x: number, y: number, z: number): number {
  const layer = Math.floor(z);
  const near = SHUFFLE[layer & 4095]!;
  const far = SHUFFLE[(layer + 1) & 4095]!;
  return lerp(noise2(x + near, y + (near & 63)), noise2(x + far, y + (far & 63)), fade(z - layer));
}

/** Fractal sum of noise (Perlin 1985), each octave turned so the lattice never shows; in [0, 1]. */
export function fbm2(x: number, y: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise2(x, y);
    weight *= 0.5;
    const turned = 1.62 * x - 1.2 * y + 3.1;
    y = 1.2 * x + 1.62 * y + 7.7;
    x = turned;
  }
  return sum / (1 - 2 * weight);
}

export function fbm3(x: number, y: number, z: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise3(x, y, z);
    weight *= 0.5;
    const turned = 1.63 * x - 1.2 * z + 1.7;
    z = 1.2 * x + 1.63 * z + 5.3;
    x = turned;
    y = 2.03 * y + 9.2;
  }
  return sum / (1 - 2 * weight);
}
