/** Collects painted triangles; every solid thing in the scene is built with these few shapes. */
import { add, cross, normalize, scale, sub } from './math.ts';
import type { Vec3 } from './math.ts';

export const Material = {
  Stucco: 0,
  RoofTile: 1,
  Stone: 2,
  Plain: 3,
  Ground: 4,
  Leaf: 5,
  Cloth: 6,
  Glass: 7,
  Glow: 8,
} as const;

export interface Paint {
  /** One of `Material`, or a place in a studio's list of finishes. */
  material: number;
  color: Vec3;
}

type Uv = [number, number];

export class MeshBuilder {
  readonly positions: number[] = [];
  readonly normals: number[] = [];
  readonly uvs: number[] = [];
  readonly colors: number[] = [];
  readonly materials: number[] = [];
  private origin: Vec3 = [0, 0, 0];
  private yaw = 0;

  /** Runs `build` in coordinates moved to `origin` and turned by `yaw` about the vertical; nests. */
  place(origin: Vec3, yaw: number, build: () => void): void {
    const saved = { origin: this.origin, yaw: this.yaw };
    this.origin = this.toWorld(origin);
    this.yaw += yaw;
    build();
    this.origin = saved.origin;
    this.yaw = saved.yaw;
  }

  private toWorld(point: Vec3): Vec3 {
    return add(this.origin, this.turn(point));
  }

  private turn([x, y, z]: Vec3): Vec3 {
    const [cos, sin] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    return [x * cos + z * sin, y, z * cos - x * sin];
  }

  triangle(points: [Vec3, Vec3, Vec3], paint: Paint, uvs?: Uv[], normals?: Vec3[]): void {
    const flat = normalize(cross(sub(points[1], points[0]), sub(points[2], points[0])));
    for (let corner = 0; corner < 3; corner++) {
      this.positions.push(...this.toWorld(points[corner] as Vec3));
      this.normals.push(...this.turn(normals?.[corner] ?? flat));
      this.uvs.push(...(uvs?.[corner] ?? [0, 0]));
    }
    this.colors.push(...paint.color);
    this.materials.push(paint.material);
  }

  /** Flat four-sided panel a-b-c-d; u runs along a-b and v along a-d, both in metres. */
  quad(a: Vec3, b: Vec3, c: Vec3, d: Vec3, paint: Paint): void {
    const width = Math.hypot(...sub(b, a));
    const height = Math.hypot(...sub(d, a));
    this.triangle([a, b, c], paint, [
      [0, 0],
      [width, 0],
      [width, height],
    ]);
    this.triangle([a, c, d], paint, [
      [0, 0],
      [width, height],
      [0, height],
    ]);
  }

  box([x0, y0, z0]: Vec3, [x1, y1, z1]: Vec3, paint: Paint): void {
    this.quad([x0, y0, z0], [x1, y0, z0], [x1, y1, z0], [x0, y1, z0], paint);
    this.quad([x1, y0, z1], [x0, y0, z1], [x0, y1, z1], [x1, y1, z1], paint);
    this.quad([x0, y0, z1], [x0, y0, z0], [x0, y1, z0], [x0, y1, z1], paint);
    this.quad([x1, y0, z0], [x1, y0, z1], [x1, y1, z1], [x1, y1, z0], paint);
    this.quad([x0, y1, z0], [x1, y1, z0], [x1, y1, z1], [x0, y1, z1], paint);
  }

  /** Smooth parametric patch: `point` maps the unit square to space, uv is scaled by `size`. */
  surface(
    columns: number,
    rows: number,
    paint: Paint,
    size: Uv,
    point: (u: number, v: number) => Vec3,
  ): void {
    const at = (i: number, j: number): Vec3 => point(i / columns, j / rows);
    const normal = (i: number, j: number): Vec3 => {
      const along = sub(point((i + 0.4) / columns, j / rows), point((i - 0.4) / columns, j / rows));
      const across = sub(
        point(i / columns, (j + 0.4) / rows),
        point(i / columns, (j - 0.4) / rows),
      );
      return normalize(cross(across, along));
    };
    const grid = Array.from({ length: (columns + 1) * (rows + 1) }, (_, index) => {
      const i = index % (columns + 1);
      const j = Math.floor(index / (columns + 1));
      const uv: Uv = [(i / columns) * size[0], (j / rows) * size[1]];
      return { point: at(i, j), normal: normal(i, j), uv };
    });
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const corner = j * (columns + 1) + i;
        for (const ids of [
          [corner, corner + 1, corner + columns + 2],
          [corner, corner + columns + 2, corner + columns + 1],
        ]) {
          const [a, b, c] = ids.map((id) => grid[id]!) as [Node, Node, Node];
          const normals = [a.normal, b.normal, c.normal];
          this.triangle([a.point, b.point, c.point], paint, [a.uv, b.uv, c.uv], normals);
        }
      }
    }
  }

  /** Turned solid around a vertical axis; `profile` is radius, height, radius, height, upward. */
  lathe(center: Vec3, profile: number[], sides: number, paint: Paint): void {
    for (let ring = 2; ring < profile.length; ring += 2) {
      const [r0, y0, r1, y1] = profile.slice(ring - 2, ring + 2) as [
        number,
        number,
        number,
        number,
      ];
      const size: Uv = [Math.PI * 2 * Math.max(r0, r1), Math.hypot(y1 - y0, r1 - r0)];
      this.surface(sides, 1, paint, size, (u, v) => {
        const radius = r0 + (r1 - r0) * v;
        const angle = u * Math.PI * 2;
        const offset: Vec3 = [
          radius * Math.cos(angle),
          y0 + (y1 - y0) * v,
          radius * Math.sin(angle),
        ];
        return add(center, offset);
      });
    }
  }

  /** Straight round bar from `a` to `b`. */
  bar(a: Vec3, b: Vec3, radius: number, paint: Paint, endRadius = radius): void {
    const axis = normalize(sub(b, a));
    const side = normalize(cross(axis, Math.abs(axis[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]));
    const other = cross(axis, side);
    this.surface(6, 1, paint, [1, 1], (u, v) => {
      const angle = u * Math.PI * 2;
      const r = radius + (endRadius - radius) * v;
      const rim = add(scale(side, r * Math.cos(angle)), scale(other, r * Math.sin(angle)));
      return add(add(a, scale(sub(b, a), v)), rim);
    });
  }
}

interface Node {
  point: Vec3;
  normal: Vec3;
  uv: Uv;
}
