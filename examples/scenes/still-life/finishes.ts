/** What the things on the table are made of: patterns and glazes. */
import { clamp, fbm2, fbm3, lerp, mix, noise2, noise3, rgb, scale } from '../scene/math.ts';
import { smoothstep } from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import type { Paint } from '../scene/mesh.ts';
import type { Finish } from '../scene/studio.ts';
import type { Surface } from '../scene/surfaces.ts';

const COBALT = rgb(0x1d3f94);
const GLAZE = rgb(0xf1efe6);
const TAU = Math.PI * 2;

const fract = (x: number): number => x - Math.floor(x);

/** Cobalt drawing on a white vase: bands, and a wreath of flowers among tendrils. */
function porcelain({ uv: [u, v], point: [x, y, z] }: Surface): Vec3 {
  const line = (at: number, width: number): number =>
    smoothstep(width, width * 0.6, Math.abs(v - at));
  let ink = Math.max(line(0.2, 0.008), line(0.225, 0.004), line(0.66, 0.006), line(0.69, 0.012));
  ink = Math.max(ink, line(0.115, 0.02), line(0.93, 0.02));
  const lappet = Math.abs(fract(u * 20) - 0.5) * 0.11;
  ink = Math.max(ink, smoothstep(0.006, 0, Math.abs(v - 0.74 - lappet * 1.3) - 0.008));
  ink = Math.max(ink, smoothstep(0.006, 0, Math.abs(v - 0.18 + lappet) - 0.006));
  const flower = (columns: number, shift: number, level: number, size: number): number => {
    const dx = (fract(u * columns + shift) - 0.5) * (7.4 / columns);
    const dy = (v - level) * 5.2;
    const angle = Math.atan2(dy, dx);
    const reach = Math.hypot(dx, dy) / size;
    const petal = 0.62 + 0.38 * Math.abs(Math.cos(angle * 3));
    const rim = smoothstep(0.14, 0.05, Math.abs(reach - petal));
    const wash = smoothstep(petal, 0.2, reach) * 0.75;
    return Math.max(rim, wash * smoothstep(0.2, 0.3, reach), smoothstep(0.13, 0.1, reach));
  };
  const wreath = Math.max(flower(5, 0.12, 0.47, 0.46), flower(5, 0.62, 0.36, 0.26));
  const sway = 0.43 + 0.055 * Math.sin(u * TAU * 5 + 1.2);
  const tendril = smoothstep(0.012, 0.007, Math.abs(v - sway));
  const leafy = fract(u * 30);
  const leaf = smoothstep(0.3, 0.22, Math.hypot((leafy - 0.5) * 1.1, (v - sway) * 13 - 0.35));
  const lower = smoothstep(0.3, 0.22, Math.hypot((leafy - 0.2) * 1.1, (v - sway) * 13 + 0.4));
  ink = Math.max(ink, wreath, tendril, 0.8 * leaf, 0.6 * lower);
  const brush = 0.72 + 0.5 * fbm3(x * 6, y * 6, z * 6, 3);
  return mix(GLAZE, COBALT, clamp(ink * brush, 0, 1));
}

function planks({ point: [x, , z] }: Surface): Vec3 {
  const board = Math.floor(z / 1.15 + 0.35);
  const edge = Math.abs(fract(z / 1.15 + 0.35) - 0.5);
  const grain = fbm2(x * 0.55 + board * 17, z * 7 + 1.2 * fbm2(x * 0.4, z * 1.3, 3), 5);
  const fibre = noise2(x * 3 + board * 5, z * 60);
  const wood = mix(rgb(0x5d3518), rgb(0xb07a42), smoothstep(0.25, 0.75, grain));
  return scale(wood, (0.85 + 0.25 * fibre) * (1 - 0.75 * smoothstep(0.485, 0.498, edge)));
}

/** Linen with a blue border; uv is in units along the cloth. */
function linen({ uv: [u, v] }: Surface): Vec3 {
  const across = Math.abs(u - 1.55);
  const stripe = Math.max(
    smoothstep(0.07, 0.05, Math.abs(across - 1.25)),
    smoothstep(0.025, 0.015, Math.abs(across - 1.1)),
    smoothstep(0.025, 0.015, Math.abs(across - 1.4)),
  );
  const weave = 0.9 + 0.12 * noise2(u * 45, v * 9) + 0.12 * noise2(u * 9, v * 45);
  return scale(mix(rgb(0xf0e8d6), rgb(0x3c66a8), stripe * 0.9), weave * 0.95);
}

function plaster({ point: [x, y] }: Surface): Vec3 {
  const clouds = fbm2(x * 0.5 + 9, y * 0.5, 5);
  const strokes = fbm2(x * 2.2 + y * 0.9, y * 1.6 - x * 0.7, 4);
  const base = mix(rgb(0x2c5f66), rgb(0x5a9088), smoothstep(0.25, 0.75, clouds));
  return scale(base, 0.78 + 0.44 * strokes);
}

/** Petals and leaves: uv runs across and along; deeper at the root, finely veined. */
function petal({ color, uv: [u, v] }: Surface): Vec3 {
  const vein = 0.9 + 0.2 * noise2(u * 14, v * 1.5);
  return scale(color, lerp(0.62, 1.12, smoothstep(0, 0.85, v)) * vein);
}

function foliage({ color, uv: [u, v] }: Surface): Vec3 {
  const rib = smoothstep(0.05, 0.02, Math.abs(u - 0.5));
  const side = smoothstep(0.12, 0, Math.abs(fract(v * 7 - Math.abs(u - 0.5) * 3) - 0.5) - 0.02);
  return scale(mix(color, rgb(0xb7c878), 0.4 * rib + 0.14 * side), 0.85 + 0.3 * v);
}

/** Seeds of a flower's eye, ring by ring. */
function seeds({ color, point: [x, y, z], uv: [, v] }: Surface): Vec3 {
  const dots = 0.45 + 0.9 * noise3(x * 26, y * 26, z * 26);
  return scale(mix(rgb(0xc7801f), color, smoothstep(0.1, 0.6, v)), dots);
}

function orangePeel({ color, point: [x, y, z] }: Surface): Vec3 {
  return mix(color, rgb(0xf2951f), 0.6 * fbm3(x * 1.3, y * 1.3, z * 1.3, 3));
}

/** Cut face of an orange: uv runs around and outward. */
function segments({ uv: [u, v] }: Surface): Vec3 {
  const wedge = Math.abs(fract(u * 10) - 0.5);
  const walls = smoothstep(0.5 - 0.05 / Math.max(v, 0.1), 0.5, wedge);
  const pith = Math.max(walls, smoothstep(0.85, 0.9, v), smoothstep(0.14, 0.08, v));
  const drops = 0.8 + 0.4 * noise2(u * 160, v * 7);
  const flesh = scale(mix(rgb(0xf6921e), rgb(0xffb43c), v), drops);
  return mix(flesh, v > 0.965 ? rgb(0xf08a1c) : rgb(0xfbe3b0), pith);
}

function pearSkin({ color, point: [x, y, z] }: Surface): Vec3 {
  const blush = smoothstep(0.35, 0.75, fbm3(x * 0.9 + 4, y * 0.7, z * 0.9, 3) + 0.05 * (x - 2.4));
  const freckle = smoothstep(0.78, 0.9, noise3(x * 24, y * 24, z * 24));
  return mix(mix(color, rgb(0xc9502c), 0.75 * blush), rgb(0x6f5a2a), 0.45 * freckle);
}

function grapeSkin({ color, point: [x, y, z], normal }: Surface): Vec3 {
  const bloom = smoothstep(0.3, 0.8, fbm3(x * 5, y * 5, z * 5, 2)) * (0.35 + 0.3 * normal[1]);
  return mix(color, rgb(0x9a8fc0), clamp(bloom, 0, 1) * 0.55);
}

const SOFT: Vec3 = [0.55, 0.5, 0.4];
const finish = {
  plaster: { color: plaster, relief: ({ point: [x, y] }) => 0.03 * fbm2(x * 3, y * 3, 4) },
  planks: { color: planks, coat: 0.8, rough: 0.16 },
  linen: { color: linen },
  porcelain: { color: porcelain, coat: 1.1, rough: 0.01 },
  petal: { color: petal, through: SOFT },
  foliage: { color: foliage, coat: 0.35, rough: 0.3, through: [0.5, 0.55, 0.2] },
  seeds: { color: seeds },
  orange: {
    color: orangePeel,
    coat: 0.9,
    rough: 0.12,
    relief: ({ point: [x, y, z] }) => 0.005 * noise3(x * 38, y * 38, z * 38),
  },
  segments: { color: segments, coat: 0.8, rough: 0.1 },
  pear: { color: pearSkin, coat: 0.55, rough: 0.22 },
  grape: { color: grapeSkin, coat: 0.9, rough: 0.08 },
  glazed: { coat: 1, rough: 0.03 },
  matt: {},
  sheer: { through: [0.75, 0.68, 0.52] },
} satisfies Record<string, Finish>;

type Name = keyof typeof finish;
const NAMES = Object.keys(finish) as Name[];
export const FINISHES: readonly Finish[] = NAMES.map((name) => finish[name]);

export const paint = (name: Name, color: number | Vec3 = 0xffffff): Paint => ({
  material: NAMES.indexOf(name),
  color: typeof color === 'number' ? rgb(color) : color,
});
