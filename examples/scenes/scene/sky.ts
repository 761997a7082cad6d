/**
 * Everything too far away for triangles - sky, clouds and mountains - baked once into a panorama.
 * The clouds are marched through a slab of fbm density with Beer's law and a Henyey-Greenstein
 * (1941) forward lobe; the mountains are ridged fbm (Musgrave 1994) drawn front to back.
 */
import { add, clamp, dot, fbm2, fbm3, fromAngles, hash, lerp, mix } from './math.ts';
import { noise2, normalize, rgb, scale, smoothstep, tint } from './math.ts';
import type { Vec3 } from './math.ts';

/** Where the sun stands in the picture. */
export const SUN = fromAngles(-21, 7.5);
/** Where its light comes from on land: swung round, as on a film set, so that walls catch it. */
export const KEY_LIGHT = fromAngles(-64, 21);
export const KEY_COLOR: Vec3 = [5.4, 3.35, 1.75];

const ZENITH = rgb(0x2f68b4);
const UPPER_BAND = rgb(0x86aed6);
const HORIZON = rgb(0xd9bcc4);
const HORIZON_NEAR_SUN = rgb(0xffb066);

/** Clear sky in a direction, with the glow around the sun but not its disc. */
export function clearSky(direction: Vec3): Vec3 {
  const height = Math.max(direction[1], 0);
  const facing = dot(direction, SUN);
  const warmth = Math.pow(clamp(facing * 0.5 + 0.5, 0, 1), 5);
  const horizon = mix(HORIZON, HORIZON_NEAR_SUN, warmth);
  let color = mix(horizon, UPPER_BAND, 1 - Math.exp(-height * 7));
  color = mix(color, ZENITH, 1 - Math.exp(-height * 3.1));
  const closeness = clamp(facing, 0, 1);
  const wide = 0.36 * Math.pow(closeness, 14);
  const tight = 1.1 * Math.pow(closeness, 90) + 4 * Math.pow(closeness, 1800);
  return add(color, add(scale([1, 0.48, 0.14], wide), scale([1, 0.66, 0.3], tight)));
}

/** Air lit from the side is bluer than the sky behind it. */
const AIR_TINT: Vec3 = [0.58, 0.72, 1];

/** Fades a distant colour into the air in front of it; `reach` is the distance of 63 % haze. */
export function throughAir(color: Vec3, direction: Vec3, distance: number, reach: number): Vec3 {
  const low = normalize([direction[0], 0.035, direction[2]]);
  const veil = 1 - Math.exp(-distance / reach);
  return mix(color, tint(clearSky(low), AIR_TINT), veil);
}

const CLOUD_BASE = 1500;
const CLOUD_TOP = 2900;
const CLOUD_STEPS = 36;
const CLOUD_LIGHT = fromAngles(-33, 13);
const LIGHT_STRIDES = [110, 320, 800];

/** How cloudy the sky is above a point of the ground. */
function cloudCover(x: number, z: number): number {
  return smoothstep(0.47, 0.72, fbm2(x / 5200 + 3.7, z / 4300 + 12.4, 3));
}

function cloudDensity([x, y, z]: Vec3, cover: number, octaves: number): number {
  const level = (y - CLOUD_BASE) / (CLOUD_TOP - CLOUD_BASE);
  if (cover < 0.02 || level < 0 || level > 1) return 0;
  const profile = smoothstep(0, 0.12, level) * (1 - 0.85 * smoothstep(0.25, 1, level));
  const billow = fbm3(x / 1150 + 5.1, y / 800, z / 1150 + 2.2, octaves);
  return clamp((billow - 0.66 + 0.33 * profile * cover) * 5.5, 0, 1) * cover;
}

function henyeyGreenstein(cosine: number, g: number): number {
  return (1 - g * g) / Math.pow(1 + g * g - 2 * g * cosine, 1.5);
}

/** Lays the cloud slab over `background`. */
function withClouds(direction: Vec3, background: Vec3, jitter: number): Vec3 {
  if (direction[1] < 0.035) return background;
  const start = CLOUD_BASE / direction[1];
  const stride = Math.min(CLOUD_TOP / direction[1] - start, 9000) / CLOUD_STEPS;
  const cosine = dot(direction, SUN);
  const phase = 0.55 + 0.3 * henyeyGreenstein(cosine, 0.62);
  const shade = mix(rgb(0x7480b0), rgb(0xb87f80), Math.pow(clamp(cosine, 0, 1), 6));
  const sunlight = mix([1.75, 1.0, 0.66], [2.35, 1.2, 0.46], clamp(cosine, 0, 1));
  let light: Vec3 = [0, 0, 0];
  let clear = 1;
  for (let step = 0; step < CLOUD_STEPS && clear > 0.02; step++) {
    const t = start + (step + jitter) * stride;
    const point = scale(direction, t);
    const cover = cloudCover(point[0], point[2]);
    const density = cloudDensity(point, cover, 5);
    if (density <= 0) continue;
    let shadow = 0;
    let previous = 0;
    for (const reach of LIGHT_STRIDES) {
      const sunward = add(point, scale(CLOUD_LIGHT, reach));
      shadow += cloudDensity(sunward, cover, 3) * (reach - previous);
      previous = reach;
    }
    const lit = Math.exp(-shadow * 0.0062) + 0.14 * Math.exp(-shadow * 0.0013);
    const sample = add(scale(sunlight, lit * phase), scale(shade, 0.7));
    const opacity = 1 - Math.exp(-density * stride * 0.011);
    light = add(light, scale(throughAir(sample, direction, t, 30000), clear * opacity));
    clear *= 1 - opacity;
  }
  const fadeIn = smoothstep(0.035, 0.11, direction[1]);
  return mix(background, add(light, scale(background, clear)), fadeIn);
}

/** Thin high streaks, brightest around the sun. */
function withCirrus(direction: Vec3, background: Vec3): Vec3 {
  if (direction[1] < 0.05) return background;
  const x = direction[0] / direction[1];
  const z = direction[2] / direction[1];
  const warp = fbm2(x * 0.5, z * 0.5, 3) * 1.6;
  const streaks = fbm2(x * 0.42 + z * 0.3 + warp, (z * 0.9 - x * 0.5) * 1.7 + warp, 6);
  const veil = smoothstep(0.46, 0.8, streaks) * smoothstep(0.05, 0.2, direction[1]) * 0.6;
  const glow = Math.pow(clamp(dot(direction, SUN), 0, 1), 5);
  return mix(background, mix(rgb(0xf3cfc6), [1.5, 1.02, 0.62], glow), veil);
}

function mountainHeight(x: number, z: number): number {
  const distance = Math.hypot(x, z);
  const azimuth = (Math.atan2(x, z) * 180) / Math.PI;
  const bay = 0.42 + 0.62 * smoothstep(-24, -7, azimuth) + 0.5 * smoothstep(-8, 26, azimuth);
  const ranges =
    smoothstep(4500, 9000, distance) * (0.45 + 0.55 * smoothstep(8000, 20000, distance));
  let ridges = 0;
  let weight = 0.55;
  let [u, v] = [x / 5200 + 4.3, z / 5200 + 1.9];
  for (let octave = 0; octave < 8; octave++) {
    const crest = 1 - Math.abs(2 * noise2(u, v) - 1);
    ridges += weight * crest * crest;
    weight *= 0.47;
    [u, v] = [1.62 * u - 1.2 * v + 1.3, 1.2 * u + 1.62 * v + 2.7];
  }
  return 2500 * bay * ranges * (ridges - 0.27) - 60;
}

/** Sky light scattered into the shaded air between us and the slopes. */
const BLUE_DISTANCE = rgb(0x7290c4);

function mountainColor(x: number, z: number, height: number, direction: Vec3): Vec3 {
  const span = 35;
  const normal = normalize([
    height - mountainHeight(x + span, z),
    span,
    height - mountainHeight(x, z + span),
  ]);
  const forest = mix(rgb(0x2f4a34), rgb(0x5c623f), fbm2(x / 420, z / 420, 4));
  const rock = mix(rgb(0x8a7868), rgb(0xa8957f), fbm2(x / 150, z / 150, 3));
  const bare = smoothstep(0.84, 0.66, normal[1] + 0.25 * (fbm2(x / 300, z / 300, 4) - 0.5));
  const ground = mix(forest, rock, bare);
  const sunlit = scale(KEY_COLOR, 0.5 * clamp(dot(normal, KEY_LIGHT), 0, 1));
  const light = add(sunlit, [0.26, 0.36, 0.56]);
  const bluish = mix(tint(ground, light), BLUE_DISTANCE, 0.5);
  return throughAir(bluish, direction, Math.hypot(x, z), 17000);
}

const AZIMUTH_LIMIT = (44 * Math.PI) / 180;
const ELEVATION_LIMIT = (40 * Math.PI) / 180;

export class Panorama {
  private readonly width: number;
  private readonly height: number;
  private readonly pixels: Float32Array;

  /** `density`: pixels per radian. Clouds are soft and slow, so they are baked at half of it. */
  private constructor(density: number) {
    this.width = Math.ceil(2 * AZIMUTH_LIMIT * density);
    this.height = Math.ceil(ELEVATION_LIMIT * density);
    this.pixels = new Float32Array(this.width * this.height * 3);
  }

  static bake(density: number): Panorama {
    const soft = new Panorama(density / 2);
    soft.fill((direction, seed) => {
      return withClouds(direction, withCirrus(direction, clearSky(direction)), seed);
    });
    const sharp = new Panorama(density);
    sharp.fill((direction) => withSunDisc(direction, soft.look(direction)));
    for (let column = 0; column < sharp.width; column++) sharp.drawMountains(column);
    return sharp;
  }

  private fill(colorOf: (direction: Vec3, seed: number) => Vec3): void {
    for (let row = 0; row < this.height; row++) {
      for (let column = 0; column < this.width; column++) {
        const color = colorOf(this.directionOf(column, row), hash(column, row, 5));
        this.pixels.set(color, (row * this.width + column) * 3);
      }
    }
  }

  private directionOf(column: number, row: number): Vec3 {
    const azimuth = (column / (this.width - 1) - 0.5) * 2 * AZIMUTH_LIMIT;
    const elevation = (row / (this.height - 1)) * ELEVATION_LIMIT;
    return fromAngles((azimuth * 180) / Math.PI, (elevation * 180) / Math.PI);
  }

  /** One column of terrain, nearest first, filling upward whatever each step newly hides. */
  private drawMountains(column: number): void {
    const [sine, , cosine] = this.directionOf(column, 0);
    let horizon = 0;
    for (let distance = 4500; distance < 30000; distance *= 1.0025) {
      const x = sine * distance;
      const z = cosine * distance;
      const height = mountainHeight(x, z);
      const top = (Math.atan2(height, distance) / ELEVATION_LIMIT) * (this.height - 1);
      if (top <= horizon) continue;
      const color = mountainColor(x, z, height, this.directionOf(column, horizon));
      for (let row = Math.floor(horizon); row <= top && row < this.height; row++) {
        const at = (row * this.width + column) * 3;
        const cover = Math.min(1, top - row) * Math.min(1, row + 1 - horizon);
        for (let k = 0; k < 3; k++) {
          this.pixels[at + k] = lerp(this.pixels[at + k]!, color[k]!, cover);
        }
      }
      horizon = top;
    }
  }

  /** Bilinear look-up; beyond the painted window the clear sky carries on. */
  look(direction: Vec3): Vec3 {
    const azimuth = Math.atan2(direction[0], direction[2]);
    const elevation = Math.asin(clamp(direction[1], 0, 1));
    const x = (azimuth / (2 * AZIMUTH_LIMIT) + 0.5) * (this.width - 1);
    const y = (elevation / ELEVATION_LIMIT) * (this.height - 1);
    if (x < 0 || x >= this.width - 1 || y >= this.height - 1) return clearSky(direction);
    const column = Math.floor(x);
    const row = Math.floor(y);
    const at = (row * this.width + column) * 3;
    const texel = (offset: number): Vec3 => {
      const p = this.pixels;
      return [p[at + offset]!, p[at + offset + 1]!, p[at + offset + 2]!];
    };
    const lower = mix(texel(0), texel(3), x - column);
    const upper = mix(texel(this.width * 3), texel(this.width * 3 + 3), x - column);
    return mix(lower, upper, y - row);
  }
}

function withSunDisc(direction: Vec3, sky: Vec3): Vec3 {
  const edge = smoothstep(Math.cos(0.0105), Math.cos(0.0085), dot(direction, SUN));
  return add(sky, scale([110, 70, 30], edge));
}
