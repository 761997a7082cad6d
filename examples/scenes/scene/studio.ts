/**
 * A photographer's studio for close subjects: path tracing (Kajiya 1986) with a ray to every lamp
 * at each bounce, finishes under a clear coat (Schlick 1994), and a filter against the noise.
 */
import { denoise } from './denoise.ts';
import type { Dice, Frame } from './frame.ts';
import { add, cross, dot, mix, normalize, scale, sub, tint } from './math.ts';
import type { Vec3 } from './math.ts';
import type { MeshBuilder } from './mesh.ts';
import { Surfaces } from './surfaces.ts';
import type { Surface } from './surfaces.ts';

/** How a material looks; a paint's `material` is a place in the studio's list of these. */
export interface Finish {
  /** Albedo at a point; without it, the colour of the paint. */
  color?: (surface: Surface) => Vec3;
  /** Height of the relief at a point, in the scene's units. */
  relief?: (surface: Surface) => number;
  /** Strength of the mirror in the clear coat, 1 being glass. */
  coat?: number;
  /** How far the coat scatters what it mirrors. */
  rough?: number;
  /** Share of the light from behind that a thin thing lets through. */
  through?: Vec3;
  /** Shadow rays start this far out, so that fur does not shade itself strand by strand. */
  lift?: number;
}

/** A far light: a disc of `softness` radians around `direction`, `color` where it falls straight. */
export interface Lamp {
  direction: Vec3;
  softness: number;
  color: Vec3;
  /** Share of the light that gets past whatever stands outside the picture. */
  mask?: (point: Vec3) => number;
}

export interface StudioSet {
  finishes: readonly Finish[];
  lamps: readonly Lamp[];
  /** Light from where no triangle is, for surfaces, for mirrors and for the eye. */
  ambience(direction: Vec3): Vec3;
  mirrored(direction: Vec3): Vec3;
  backdrop(direction: Vec3): Vec3;
}

export interface Camera {
  eye: Vec3;
  target: Vec3;
  /** Half the picture's width one unit in front of the eye. */
  halfWidth: number;
}

const BOUNCES = 3;
const FAR = 100;
/** Caps what one ray brings, so that no lucky bounce leaves a speck. */
const BRIGHTEST = 9;

interface Sample {
  light: Vec3;
  albedo: Vec3;
  normal: Vec3;
  distance: number;
}

interface Look {
  finish: Finish;
  albedo: Vec3;
  normal: Vec3;
}

export class Studio {
  private readonly surfaces: Surfaces;
  private readonly set: StudioSet;

  constructor(mesh: MeshBuilder, set: StudioSet) {
    this.surfaces = new Surfaces(mesh);
    this.set = set;
  }

  expose(frame: Frame, camera: Camera, passes: number): Float32Array {
    const { width, height, rays } = frame;
    const ahead = normalize(sub(camera.target, camera.eye));
    const right = normalize(cross([0, 1, 0], ahead));
    const up = cross(ahead, right);
    const halfHeight = (camera.halfWidth * height) / width;
    const layers = {
      light: new Float32Array(width * height * 3),
      albedo: new Float32Array(width * height * 3),
      normal: new Float32Array(width * height * 3),
      distance: new Float32Array(width * height),
    };
    for (let pixel = 0; pixel < width * height; pixel++) {
      frame.eachRay(pixel % width, Math.floor(pixel / width), (x, y, dice) => {
        const across = add(scale(right, x * camera.halfWidth), scale(up, y * halfHeight));
        const sample = this.see(camera.eye, normalize(add(ahead, across)), dice);
        for (let k = 0; k < 3; k++) {
          layers.light[pixel * 3 + k]! += Math.min(sample.light[k]!, BRIGHTEST) / rays;
          layers.albedo[pixel * 3 + k]! += sample.albedo[k]! / rays;
          layers.normal[pixel * 3 + k]! += sample.normal[k]! / rays;
        }
        layers.distance[pixel]! += sample.distance / rays;
      });
    }
    return denoise(layers, width, height, passes);
  }

  private see(eye: Vec3, direction: Vec3, dice: Dice): Sample {
    const hit = this.surfaces.nearest(eye, direction, FAR);
    if (!hit) {
      const light = this.set.backdrop(direction);
      return { light, albedo: [1, 1, 1], normal: [0, 0, 0], distance: FAR };
    }
    const look = this.lookAt(hit, direction);
    const light = this.scattered(hit, look, dice);
    const { albedo, normal, finish } = look;
    const facing = Math.max(-dot(normal, direction), 0.02);
    const mirror = (finish.coat ?? 0) * (0.04 + 0.96 * Math.pow(1 - facing, 5));
    const sample = { light, albedo, normal, distance: hit.distance };
    if (mirror <= 0) return sample;
    const straight = add(direction, scale(normal, 2 * facing));
    const way = normalize(add(straight, scale(ball(dice(7)), finish.rough ?? 0)));
    return { ...sample, light: mix(light, this.reflected(hit, way, dice), Math.min(mirror, 1)) };
  }

  private reflected(from: Surface, direction: Vec3, dice: Dice): Vec3 {
    const hit = this.surfaces.nearest(outside(from, from.normal), direction, FAR);
    if (!hit) return this.set.mirrored(direction);
    const look = this.lookAt(hit, direction);
    const light = this.lampLight(hit, look, (dimension) => dice(5000 + dimension));
    return tint(look.albedo, add(light, this.set.ambience(look.normal)));
  }

  /** Light off the surface below its coat, followed from bounce to bounce. */
  private scattered(first: Surface, firstLook: Look, dice: Dice): Vec3 {
    let [hit, look]: [Surface | null, Look] = [first, firstLook];
    let light: Vec3 = [0, 0, 0];
    let carried: Vec3 = [1, 1, 1];
    for (let bounce = 0; bounce < BOUNCES; bounce++) {
      const roll: Dice = (dimension) => dice(bounce * 1000 + dimension);
      carried = tint(carried, look.albedo);
      light = add(light, tint(carried, this.lampLight(hit, look, roll)));
      const direction = normalize(add(look.normal, scale(ball(roll(0)), 0.999)));
      const origin = outside(hit, hit.normal, look.finish.lift);
      hit = this.surfaces.nearest(origin, direction, FAR);
      if (!hit) return add(light, tint(carried, this.set.ambience(direction)));
      look = this.lookAt(hit, direction);
    }
    return light;
  }

  private lookAt(hit: Surface, direction: Vec3): Look {
    const finish = this.set.finishes[hit.material]!;
    if (!finish.through && dot(hit.normal, direction) > 0) hit.normal = scale(hit.normal, -1);
    const albedo = finish.color ? finish.color(hit) : hit.color;
    const normal = finish.relief ? embossed(hit, finish.relief) : hit.normal;
    return { finish, albedo, normal };
  }

  private lampLight(hit: Surface, { normal, finish }: Look, roll: Dice): Vec3 {
    let light: Vec3 = [0, 0, 0];
    this.set.lamps.forEach((lamp, index) => {
      const open = lamp.mask ? lamp.mask(hit.point) : 1;
      if (open <= 0.001) return;
      const [a, b] = roll(2 + index);
      const radius = lamp.softness * Math.sqrt(a);
      const side = normalize(cross(lamp.direction, [0.3, 0.9, 0.2]));
      const other = cross(lamp.direction, side);
      const [cos, sin] = [Math.cos(2 * Math.PI * b), Math.sin(2 * Math.PI * b)];
      const jitter = add(scale(side, radius * cos), scale(other, radius * sin));
      const way = normalize(add(lamp.direction, jitter));
      const facing = dot(normal, way);
      if (facing <= 0 && !finish.through) return;
      const out = facing > 0 ? hit.normal : way;
      if (this.surfaces.blocked(outside(hit, out, finish.lift), way, FAR)) return;
      const color = facing > 0 ? lamp.color : tint(lamp.color, finish.through!);
      light = add(light, scale(color, open * Math.abs(facing)));
    });
    return light;
  }
}

/** Where a ray that leaves a surface starts, clear of the surface itself. */
function outside(surface: Surface, way: Vec3, lift = 0): Vec3 {
  return add(surface.point, scale(way, 0.004 + lift));
}

/** A point on the unit sphere. */
function ball([a, b]: [number, number]): Vec3 {
  const y = 2 * a - 1;
  const flat = Math.sqrt(1 - y * y);
  return [flat * Math.cos(2 * Math.PI * b), y, flat * Math.sin(2 * Math.PI * b)];
}

/** The normal tipped by the slope of the relief. */
function embossed(surface: Surface, relief: (surface: Surface) => number): Vec3 {
  const step = 0.006;
  const here = relief(surface);
  const slope = (axis: Vec3): number => {
    const point = add(surface.point, scale(axis, step));
    return (relief({ ...surface, point }) - here) / step;
  };
  const gradient: Vec3 = [slope([1, 0, 0]), slope([0, 1, 0]), slope([0, 0, 1])];
  const along = sub(gradient, scale(surface.normal, dot(gradient, surface.normal)));
  return normalize(sub(surface.normal, along));
}
