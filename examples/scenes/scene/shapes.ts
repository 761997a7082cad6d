/** Smooth shapes for close subjects: turned solids, and bodies posed at any slant. */
import { add, cross, normalize, scale } from './math.ts';
import type { Vec3 } from './math.ts';
import type { MeshBuilder, Paint } from './mesh.ts';

/** Takes a body's own coordinates, z pointing out of its face, to the scene's. */
export type Pose = (local: Vec3) => Vec3;

export function facing(at: Vec3, direction: Vec3, size = 1): Pose {
  const ahead = normalize(direction);
  const side = normalize(cross(Math.abs(ahead[1]) > 0.95 ? [1, 0, 0] : [0, 1, 0], ahead));
  const up = cross(ahead, side);
  return ([x, y, z]) =>
    add(at, scale(add(add(scale(side, x), scale(up, y)), scale(ahead, z)), size));
}

const spline = (a: number, b: number, c: number, d: number, t: number): number =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));

/** A point on the Catmull-Rom curve through `points`; `t` runs from 0 to 1. */
export function along(points: readonly Vec3[], t: number): Vec3 {
  const last = points.length - 1;
  const piece = Math.min(Math.floor(Math.max(t, 0) * last), last - 1);
  const [a, b, c, d] = [-1, 0, 1, 2].map(
    (step) => points[Math.min(Math.max(piece + step, 0), last)]!,
  ) as [Vec3, Vec3, Vec3, Vec3];
  const at = (k: number): number => spline(a[k]!, b[k]!, c[k]!, d[k]!, t * last - piece);
  return [at(0), at(1), at(2)];
}

/** Solid turned about the pose's y axis; `profile` is [radius, height] pairs, joined smoothly. */
export function turned(
  mesh: MeshBuilder,
  pose: Pose,
  profile: readonly (readonly [number, number])[],
  paint: Paint,
  sides = 64,
  warp: (angle: number, height: number) => number = () => 1,
): void {
  const points = profile.map(([radius, height]): Vec3 => [radius, height, 0]);
  mesh.surface(sides, profile.length * 7, paint, [1, 1], (u, v) => {
    const [radius, height] = along(points, v);
    const angle = u * Math.PI * 2;
    const reach = Math.max(radius, 0) * warp(angle, height);
    return pose([reach * Math.cos(angle), height, reach * Math.sin(angle)]);
  });
}

/** Round stalk along a curve, thinning from `from` to `to`. */
export function stalk(
  mesh: MeshBuilder,
  points: readonly Vec3[],
  from: number,
  to: number,
  paint: Paint,
  pieces = 10,
): void {
  for (let piece = 0; piece < pieces; piece++) {
    const [t0, t1] = [piece / pieces, (piece + 1) / pieces];
    const radius = (t: number): number => from + (to - from) * t;
    mesh.bar(along(points, t0), along(points, t1), radius(t0), paint, radius(t1));
  }
}
