/** What the cat and the garden wall are made of. */
import { clamp, fbm2, fbm3, lerp, mix, noise2, noise3, rgb, scale } from '../scene/math.ts';
import { smoothstep } from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import type { Paint } from '../scene/mesh.ts';
import type { Finish } from '../scene/studio.ts';
import type { Surface } from '../scene/surfaces.ts';

/** Strands are darker at the root, where others cover them. */
const fur = ({ color, uv: [, v] }: Surface): Vec3 => scale(color, lerp(0.55, 1.12, v));

/** An eyeball: uv runs around the line of sight and from the front (0) to the back (1). */
function eye({ uv: [u, v] }: Surface): Vec3 {
  const reach = v / 0.36;
  const [x, y] = [reach * Math.cos(u * Math.PI * 2), reach * Math.sin(u * Math.PI * 2)];
  const pupil = smoothstep(1.06, 0.94, Math.hypot(x / 0.44, y / 0.62));
  const rays = 0.7 + 0.6 * noise2(u * 60, reach * 3 + 8) * smoothstep(0, 0.3, reach);
  const iris = mix(rgb(0xe0b23a), rgb(0x7d9440), smoothstep(0.42, 0.85, reach));
  const rim = smoothstep(0.86, 1.02, reach);
  const shade = lerp(1, 0.5, smoothstep(0.05, 0.5, y));
  const lit = scale(mix(scale(iris, rays), rgb(0x1c1a10), rim), 1.25 * shade);
  return mix(lit, [0.006, 0.006, 0.008], pupil);
}

function stone({ color, point: [x, y, z], normal }: Surface): Vec3 {
  const grain = fbm3(x * 4, y * 4, z * 4, 4);
  const lichen = smoothstep(0.58, 0.68, fbm3(x * 2.2 + 7, y * 2.2, z * 2.2, 4));
  const moss = smoothstep(
    0.5,
    0.66,
    fbm3(x * 1.3, y * 1.3 + 9, z * 1.3, 4) + 0.14 * normal[1] - 0.05,
  );
  const base = scale(color, 0.55 + 0.85 * grain);
  const spots = mix(base, rgb(0xc9b56a), 0.6 * lichen);
  return mix(
    spots,
    scale(mix(rgb(0x4d6426), rgb(0x8a9a3e), noise3(x * 9, y * 9, z * 9)), 0.9),
    0.85 * moss,
  );
}

function petal({ color, uv: [u, v] }: Surface): Vec3 {
  return scale(color, lerp(0.65, 1.12, v) * (0.9 + 0.2 * noise2(u * 14, v * 1.5)));
}

function leaf({ color, uv: [u, v] }: Surface): Vec3 {
  const rib = smoothstep(0.05, 0.02, Math.abs(u - 0.5));
  return scale(mix(color, rgb(0xc0cc80), 0.45 * rib), 0.8 + 0.35 * fbm2(u * 4, v * 4, 2));
}

const finish = {
  fur: { color: fur, through: [0.62, 0.46, 0.3], lift: 0.13 },
  skin: {},
  eye: { color: eye, coat: 1.3 },
  nose: {
    coat: 0.7,
    rough: 0.25,
    relief: ({ point: [x, y, z] }) => 0.006 * noise3(x * 45, y * 45, z * 45),
  },
  whisker: { through: [0.6, 0.6, 0.6] },
  stone: {
    color: stone,
    relief: ({ point: [x, y, z] }) => 0.05 * fbm3(x * 5, y * 5, z * 5, 3),
  },
  petal: { color: petal, through: [0.78, 0.72, 0.64] },
  leaf: { color: leaf, coat: 0.4, rough: 0.25, through: [0.5, 0.6, 0.15] },
  seeds: {
    color: ({ color, point: [x, y, z] }) =>
      scale(color, clamp(0.4 + noise3(x * 30, y * 30, z * 30), 0, 1.3)),
  },
} satisfies Record<string, Finish>;

type Name = keyof typeof finish;
const NAMES = Object.keys(finish) as Name[];
export const FINISHES: readonly Finish[] = NAMES.map((name) => finish[name]);

export const paint = (name: Name, color: number | Vec3 = 0xffffff): Paint => ({
  material: NAMES.indexOf(name),
  color: typeof color === 'number' ? rgb(color) : color,
});
