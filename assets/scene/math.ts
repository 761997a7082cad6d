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
  let h = Math.imul(x | 0, 0x27d4eb2f) ^ Math.imul(y | 0, 0x165667b1) ^ Math.imul(z | 0, 0x5bd1e995);
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

/** Lattice value noise in [0, 1] with the quintic fade of Perlin 2002. */
export function noise3(x: number, y: number, z: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const iz = Math.floor(z);
  const u = fade(x - ix);
  const v = fade(y - iy);
  const w = fade(z - iz);
  const near = lerp(
    lerp(hash(ix, iy, iz), hash(ix + 1, iy, iz), u),
    lerp(hash(ix, iy + 1, iz), hash(ix + 1, iy + 1, iz), u),
    v,
  );
  const far = lerp(
    lerp(hash(ix, iy, iz + 1), hash(ix + 1, iy, iz + 1), u),
    lerp(hash(ix, iy + 1, iz + 1), hash(ix + 1, iy + 1, iz + 1), u),
    v,
  );
  return lerp(near, far, w);
}

export function noise2(x: number, y: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const u = fade(x - ix);
  return lerp(
    lerp(hash(ix, iy), hash(ix + 1, iy), u),
    lerp(hash(ix, iy + 1), hash(ix + 1, iy + 1), u),
    fade(y - iy),
  );
}

/** Fractal sum of noise (Perlin 1985), each octave turned so the lattice never shows; in [0, 1]. */
export function fbm2(x: number, y: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise2(x, y);
    weight *= 0.5;
    [x, y] = [1.62 * x - 1.2 * y + 3.1, 1.2 * x + 1.62 * y + 7.7];
  }
  return sum / (1 - 2 * weight);
}

export function fbm3(x: number, y: number, z: number, octaves: number): number {
  let sum = 0;
  let weight = 0.5;
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise3(x, y, z);
    weight *= 0.5;
    [x, y, z] = [1.63 * x - 1.2 * z + 1.7, 2.03 * y + 9.2, 1.2 * x + 1.63 * z + 5.3];
  }
  return sum / (1 - 2 * weight);
}
