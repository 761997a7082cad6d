/**
 * Soft bodies as signed distances: blended primitives (after Quilez), and their skin as triangles
 * by naive surface nets (Gibson 1998).
 */
import { clamp, lerp, normalize, scale, sub } from './math.ts';
import type { Vec3 } from './math.ts';
import type { MeshBuilder, Paint } from './mesh.ts';

/** Distance to a surface, negative inside. */
export type Sdf = (point: Vec3) => number;

export const ellipsoid =
  ([cx, cy, cz]: Vec3, [rx, ry, rz]: Vec3): Sdf =>
  ([x, y, z]) => {
    const [ux, uy, uz] = [(x - cx) / rx, (y - cy) / ry, (z - cz) / rz];
    const near = Math.hypot(ux, uy, uz);
    const slope = Math.hypot(ux / rx, uy / ry, uz / rz);
    return slope < 1e-9 ? -Math.min(rx, ry, rz) : (near * (near - 1)) / slope;
  };

/** Round bar from `a` to `b` whose radius runs from `ra` to `rb`. */
export function limb(a: Vec3, b: Vec3, ra: number, rb: number): Sdf {
  const [ax, ay, az] = a;
  const [dx, dy, dz] = sub(b, a);
  const squared = dx * dx + dy * dy + dz * dz;
  return ([x, y, z]) => {
    const t = clamp(((x - ax) * dx + (y - ay) * dy + (z - az) * dz) / squared, 0, 1);
    return Math.hypot(x - ax - t * dx, y - ay - t * dy, z - az - t * dz) - lerp(ra, rb, t);
  };
}

export const roundBox =
  ([cx, cy, cz]: Vec3, [hx, hy, hz]: Vec3, round: number): Sdf =>
  ([x, y, z]) => {
    const qx = Math.abs(x - cx) - hx + round;
    const qy = Math.abs(y - cy) - hy + round;
    const qz = Math.abs(z - cz) - hz + round;
    const out = Math.hypot(Math.max(qx, 0), Math.max(qy, 0), Math.max(qz, 0));
    return out + Math.min(Math.max(qx, qy, qz), 0) - round;
  };

/** Union whose seams are filled over a width of `k`. */
export const blend =
  (k: number, ...parts: Sdf[]): Sdf =>
  (point) => {
    let distance = Infinity;
    for (const part of parts) {
      const other = part(point);
      const h = Math.max(k - Math.abs(distance - other), 0) / k;
      distance = Math.min(distance, other) - (h < Infinity ? h * h * k * 0.25 : 0);
    }
    return distance;
  };

export const carve =
  (k: number, body: Sdf, tool: Sdf): Sdf =>
  (point) => {
    const [a, b] = [body(point), -tool(point)];
    const h = Math.max(k - Math.abs(a - b), 0) / k;
    return Math.max(a, b) + h * h * k * 0.25;
  };

export function gradient(sdf: Sdf, [x, y, z]: Vec3, step = 0.004): Vec3 {
  return normalize([
    sdf([x + step, y, z]) - sdf([x - step, y, z]),
    sdf([x, y + step, z]) - sdf([x, y - step, z]),
    sdf([x, y, z + step]) - sdf([x, y, z - step]),
  ]);
}

export interface Skin {
  points: Vec3[];
  normals: Vec3[];
  triangles: [number, number, number][];
}

/** The zero surface of `sdf` within a box, on a grid of `cell`. */
export function skinOf(sdf: Sdf, low: Vec3, high: Vec3, cell: number): Skin {
  const size = [0, 1, 2].map((k) => Math.ceil((high[k]! - low[k]!) / cell) + 1) as Vec3;
  const [nx, ny, nz] = size;
  const strides = [1, nx, nx * ny];
  const at = (i: number, j: number, k: number): number => i + nx * (j + ny * k);
  const corner = (i: number, j: number, k: number): Vec3 => [
    low[0] + i * cell,
    low[1] + j * cell,
    low[2] + k * cell,
  ];
  const values = new Float32Array(nx * ny * nz);
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) values[at(i, j, k)] = sdf(corner(i, j, k));
    }
  }
  const skin: Skin = { points: [], normals: [], triangles: [] };
  const vertexOf = new Map<number, number>();
  const vertex = (index: number): number => {
    const known = vertexOf.get(index);
    if (known !== undefined) return known;
    const [i, j, k] = [index % nx, Math.floor(index / nx) % ny, Math.floor(index / (nx * ny))];
    let point: Vec3 = corner(i + 0.5, j + 0.5, k + 0.5);
    for (let step = 0; step < 3; step++) {
      point = sub(point, scale(gradient(sdf, point), clamp(sdf(point), -cell, cell)));
    }
    vertexOf.set(index, skin.points.length);
    skin.normals.push(gradient(sdf, point));
    return skin.points.push(point) - 1;
  };
  for (let k = 1; k < nz - 1; k++) {
    for (let j = 1; j < ny - 1; j++) {
      for (let i = 1; i < nx - 1; i++) {
        const here = at(i, j, k);
        for (let axis = 0; axis < 3; axis++) {
          if (values[here]! < 0 === values[here + strides[axis]!]! < 0) continue;
          const [u, v] = [strides[(axis + 1) % 3]!, strides[(axis + 2) % 3]!];
          const [a, b, c, d] = [here - u - v, here - v, here, here - u].map(vertex) as [
            number, number, number, number,
          ]; // prettier-ignore
          skin.triangles.push([a, b, c], [a, c, d]);
        }
      }
    }
  }
  return skin;
}

export function addSkin(mesh: MeshBuilder, skin: Skin, paintAt: (point: Vec3) => Paint): void {
  for (const ids of skin.triangles) {
    const points = ids.map((id) => skin.points[id]!) as [Vec3, Vec3, Vec3];
    const normals = ids.map((id) => skin.normals[id]!);
    mesh.triangle(points, paintAt(points[0]), undefined, normals);
  }
}
