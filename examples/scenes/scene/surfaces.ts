/** The triangles of a scene, and what a ray finds on the nearest of them. */
import { Bvh } from './bvh.ts';
import { add, normalize, scale } from './math.ts';
import type { Vec3 } from './math.ts';
import type { MeshBuilder } from './mesh.ts';

export interface Surface {
  point: Vec3;
  /** Shading normal; may point away from the eye. */
  normal: Vec3;
  material: number;
  color: Vec3;
  uv: [number, number];
  distance: number;
}

export class Surfaces {
  private readonly bvh: Bvh;
  private readonly positions: Float32Array;
  private readonly normals: Float32Array;
  private readonly uvs: Float32Array;
  private readonly colors: Float32Array;
  private readonly materials: Uint8Array;

  constructor(mesh: MeshBuilder) {
    this.positions = Float32Array.from(mesh.positions);
    this.normals = Float32Array.from(mesh.normals);
    this.uvs = Float32Array.from(mesh.uvs);
    this.colors = Float32Array.from(mesh.colors);
    this.materials = Uint8Array.from(mesh.materials);
    this.bvh = new Bvh(this.positions);
  }

  nearest(origin: Vec3, direction: Vec3, limit: number): Surface | null {
    const hit = this.bvh.trace(origin, direction, limit);
    if (!hit) return null;
    const { triangle, u, v, distance } = hit;
    const w = 1 - u - v;
    const n = (axis: number): number => {
      const at = triangle * 9 + axis;
      return w * this.normals[at]! + u * this.normals[at + 3]! + v * this.normals[at + 6]!;
    };
    const t = (axis: number): number => {
      const at = triangle * 6 + axis;
      return w * this.uvs[at]! + u * this.uvs[at + 2]! + v * this.uvs[at + 4]!;
    };
    return {
      point: add(origin, scale(direction, distance)),
      normal: normalize([n(0), n(1), n(2)]),
      material: this.materials[triangle]!,
      color: this.colorOf(triangle),
      uv: [t(0), t(1)],
      distance,
    };
  }

  blocked(origin: Vec3, direction: Vec3, limit: number): boolean {
    return this.bvh.trace(origin, direction, limit, true) !== null;
  }

  /** Cheaper than `nearest`: how far, and the plain colour of what is there. */
  glance(origin: Vec3, direction: Vec3, limit: number): { distance: number; color: Vec3 } | null {
    const hit = this.bvh.trace(origin, direction, limit);
    return hit && { distance: hit.distance, color: this.colorOf(hit.triangle) };
  }

  private colorOf(triangle: number): Vec3 {
    const at = triangle * 3;
    return [this.colors[at]!, this.colors[at + 1]!, this.colors[at + 2]!];
  }
}
