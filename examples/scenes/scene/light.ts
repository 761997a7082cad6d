/** What a ray sees: surfaces and their patterns, sunlight, sky light, water and air. */
import type { Dice } from './frame.ts';
import { add, clamp, cross, dot, fbm2, fbm3, hash, lerp, mix, noise2, noise3 } from './math.ts';
import { normalize, scale, smoothstep, tint } from './math.ts';
import type { Vec3 } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder } from './mesh.ts';
import { KEY_COLOR, KEY_LIGHT, Panorama, clearSky, throughAir } from './sky.ts';
import { Surfaces } from './surfaces.ts';
import type { Surface } from './surfaces.ts';

const HAZE_REACH = 1050;
const SUN_SOFTNESS = 0.011;
const SKY_LIGHT = 0.62;
const BOUNCE = 0.32;
const WATER_DEEP: Vec3 = [0.008, 0.05, 0.062];
const WATER_SHALLOW: Vec3 = [0.02, 0.13, 0.12];

export class Scene {
  private readonly surfaces: Surfaces;
  private readonly panorama: Panorama;

  constructor(mesh: MeshBuilder, panorama: Panorama) {
    this.surfaces = new Surfaces(mesh);
    this.panorama = panorama;
  }

  /** Light arriving at `origin` from `direction`. */
  see(origin: Vec3, direction: Vec3, dice: Dice): Vec3 {
    const water = direction[1] < -1e-5 ? -origin[1] / direction[1] : Infinity;
    const hit = this.surfaceAt(origin, direction, Math.min(water, 4000));
    if (hit) {
      const distance = Math.hypot(...add(hit.point, scale(origin, -1)));
      return throughAir(this.shade(hit, direction, dice, true), direction, distance, HAZE_REACH);
    }
    if (water === Infinity) return this.panorama.look(direction);
    return this.shadeWater(add(origin, scale(direction, water)), direction, water, dice);
  }

  /** The nearest surface, its normal turned towards the eye. */
  private surfaceAt(origin: Vec3, direction: Vec3, limit: number): Surface | null {
    const hit = this.surfaces.nearest(origin, direction, limit);
    if (hit && dot(hit.normal, direction) > 0) hit.normal = scale(hit.normal, -1);
    return hit;
  }

  /** Lit colour of a surface. `fine` adds traced sky light; reflections do without. */
  private shade(surface: Surface, direction: Vec3, dice: Dice, fine: boolean): Vec3 {
    if (surface.material === Material.Glow) return scale(surface.color, 1.7);
    const { albedo, normal, shine } = patterned(surface);
    const start = add(surface.point, scale(surface.normal, 0.012));
    const thin = surface.material === Material.Leaf || surface.material === Material.Cloth;
    const facing = dot(normal, KEY_LIGHT);
    let light: Vec3 = fine
      ? this.skyLight(start, normal, dice(1))
      : scale(clearSky(normal), SKY_LIGHT * 0.7);
    if (facing > 0 || thin) {
      const open = this.sunReaches(
        thin ? add(surface.point, scale(KEY_LIGHT, 0.03)) : start,
        dice(0),
      );
      const through: Vec3 = thin ? [0.72, 0.68, 0.44] : [0, 0, 0];
      const glow = facing > 0 ? scale(KEY_COLOR, facing) : scale(tint(KEY_COLOR, through), -facing);
      if (open) light = add(light, glow);
    }
    const color = tint(albedo, light);
    if (shine <= 0) return color;
    const mirror = add(direction, scale(normal, -2 * dot(direction, normal)));
    const fresnel = shine * schlick(-dot(direction, normal), 0.05);
    return mix(color, this.panorama.look([mirror[0], Math.abs(mirror[1]), mirror[2]]), fresnel);
  }

  private sunReaches(point: Vec3, [a, b]: [number, number]): boolean {
    const radius = SUN_SOFTNESS * Math.sqrt(a);
    const jitter: Vec3 = [
      radius * Math.cos(2 * Math.PI * b),
      radius * Math.sin(2 * Math.PI * b),
      0,
    ];
    return !this.surfaces.blocked(point, normalize(add(KEY_LIGHT, jitter)), 400);
  }

  /** One cosine-weighted look around: open sky, or a guess at the light off whatever is there. */
  private skyLight(point: Vec3, normal: Vec3, [a, b]: [number, number]): Vec3 {
    const y = 2 * a - 1;
    const flat = Math.sqrt(1 - y * y);
    const ball: Vec3 = [flat * Math.cos(2 * Math.PI * b), y, flat * Math.sin(2 * Math.PI * b)];
    const direction = normalize(add(normal, scale(ball, 0.999)));
    const hit = this.surfaces.glance(point, direction, 45);
    if (hit) {
      const near = smoothstep(0, 9, hit.distance);
      return scale(tint(hit.color, [1.5, 1.25, 1.05]), BOUNCE * lerp(0.55, 1.6, near));
    }
    if (direction[1] > 0) return scale(clearSky(direction), SKY_LIGHT);
    return scale(clearSky([direction[0], -direction[1], direction[2]]), SKY_LIGHT * 0.55);
  }

  private shadeWater(point: Vec3, direction: Vec3, distance: number, dice: Dice): Vec3 {
    const normal = waveNormal(point, distance);
    const cosine = Math.max(-dot(direction, normal), 0.02);
    const mirror = normalize(add(direction, scale(normal, 2 * cosine)));
    mirror[1] = Math.abs(mirror[1]) + 0.002;
    const start: Vec3 = [point[0], 0.02, point[2]];
    const hit = this.surfaceAt(start, mirror, 500);
    const reflected = hit ? this.shade(hit, mirror, dice, false) : this.panorama.look(mirror);
    const murk = mix(
      WATER_DEEP,
      WATER_SHALLOW,
      smoothstep(0.35, 0.7, fbm2(point[0] / 26, point[2] / 40, 3)),
    );
    const color = mix(murk, reflected, schlick(cosine, 0.03));
    return throughAir(color, direction, distance, HAZE_REACH * 2.4);
  }
}

/** Fresnel reflectance (Schlick 1994). */
function schlick(cosine: number, base: number): number {
  return base + (1 - base) * Math.pow(1 - clamp(cosine, 0, 1), 5);
}

function waveHeight(x: number, z: number): number {
  const swell = fbm2(x / 9 + 4, z / 3.2, 2) * 0.34;
  const ripples = fbm2(x / 1.7 + z / 7, z / 0.62 - x / 5, 3) * 0.075;
  return swell + ripples;
}

/** Slope of the water; gusts leave some patches calmer than others. */
function waveNormal(point: Vec3, distance: number): Vec3 {
  const [x, , z] = point;
  const step = 0.04 + distance * 0.0006;
  const gust = lerp(0.35, 1.15, smoothstep(0.36, 0.66, fbm2(x / 34, z / 16 + 8, 3)));
  const here = waveHeight(x, z);
  const slopeX = (waveHeight(x + step, z) - here) / step;
  const slopeZ = (waveHeight(x, z + step) - here) / step;
  return normalize([-slopeX * gust * 0.8, 1, -slopeZ * gust * 0.8]);
}

/** Albedo, bumped normal and shine of a surface at one point. */
function patterned(surface: Surface): { albedo: Vec3; normal: Vec3; shine: number } {
  const { material, color, normal, point } = surface;
  const [u, v] = surface.uv;
  const [x, y, z] = point;
  switch (material) {
    case Material.Stucco: {
      const stains = fbm3(x * 0.5, y * 0.35, z * 0.5, 4);
      const streaks = fbm2((x + z) * 2.1, y * 0.22, 3);
      const grain = noise3(x * 9, y * 9, z * 9);
      const wear = 0.62 + 0.5 * stains + 0.2 * (streaks - 0.5) + 0.07 * grain;
      return {
        albedo: scale(mix(color, [0.62, 0.52, 0.42], 0.28 * smoothstep(0.5, 0.8, stains)), wear),
        normal,
        shine: 0,
      };
    }
    case Material.RoofTile: {
      const [pitch, course] = [0.34, 0.46];
      const id = hash(Math.floor(u / pitch), Math.floor(v / course), 3);
      const lap = v / course - Math.floor(v / course);
      const across = normalize(cross([0, 1, 0.001], normal));
      const bump = Math.cos((u / pitch) * Math.PI * 2) * 0.55;
      const moss = smoothstep(0.55, 0.75, fbm3(x * 0.7, y, z * 0.7, 3)) * 0.35;
      const aged = mix(scale(color, 0.65 + 0.6 * id), [0.2, 0.18, 0.1], moss);
      return {
        albedo: scale(aged, 1 - 0.45 * smoothstep(0.72, 1, lap)),
        normal: normalize(add(normal, scale(across, bump))),
        shine: 0,
      };
    }
    case Material.Stone: {
      const row = Math.floor(v / 0.38);
      const shifted = u / 0.72 + hash(row, 9) * 0.8;
      const id = hash(Math.floor(shifted), row, 4);
      const [edgeU, edgeV] = [
        Math.abs(shifted - Math.floor(shifted) - 0.5),
        Math.abs(v / 0.38 - row - 0.5),
      ];
      const joint = Math.max(smoothstep(0.46, 0.49, edgeU), smoothstep(0.42, 0.48, edgeV));
      const pits = fbm3(x * 5, y * 5, z * 5, 4);
      const tone = mix(
        scale(color, 0.72 + 0.4 * id),
        [0.34, 0.3, 0.2],
        0.3 * smoothstep(0.5, 0.7, pits),
      );
      return { albedo: scale(tone, (0.7 + 0.55 * pits) * (1 - 0.5 * joint)), normal, shine: 0 };
    }
    case Material.Ground: {
      const patch = fbm2(x / 11, z / 11, 5);
      const grass = mix(color, [0.42, 0.34, 0.14], smoothstep(0.42, 0.66, patch));
      const rock = scale([0.44, 0.37, 0.29], 0.6 + 0.8 * fbm3(x * 0.6, y * 1.2, z * 0.6, 4));
      const steep = smoothstep(0.82, 0.62, normal[1] + 0.2 * (patch - 0.5));
      return {
        albedo: scale(mix(grass, rock, steep), 0.7 + 0.6 * noise2(x * 1.7, z * 1.7)),
        normal,
        shine: 0,
      };
    }
    case Material.Glass:
      return { albedo: color, normal, shine: 3 };
    case Material.Plain:
      return { albedo: scale(color, 0.9 + 0.2 * noise3(x * 2, y * 2, z * 2)), normal, shine: 0.5 };
    default:
      return { albedo: color, normal, shine: 0 };
  }
}
