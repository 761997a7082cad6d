/** Blossoms: rings of petals around an eye. */
import { lerp, pick, scale } from './math.ts';
import type { Random, Vec3 } from './math.ts';
import type { MeshBuilder, Paint } from './mesh.ts';
import { turned } from './shapes.ts';
import type { Pose } from './shapes.ts';

export interface Ring {
  /** Of the petals. */
  material: number;
  petals: number;
  length: number;
  width: number;
  /** Angle of the petals out of the flower's plane, in radians, at the root and at the tip. */
  rise: [number, number];
  /** Where the petal is widest: 0.5 is a lens, less is a drop with a long point. */
  waist: number;
}

export function addRing(
  mesh: MeshBuilder,
  pose: Pose,
  ring: Ring,
  colors: Vec3[],
  random: Random,
): void {
  for (let petal = 0; petal < ring.petals; petal++) {
    const angle = ((petal + 0.5 * random()) / ring.petals) * Math.PI * 2;
    const length = ring.length * lerp(0.86, 1.1, random());
    const [from, to] = ring.rise.map((rise) => rise + 0.25 * (random() - 0.5)) as [number, number];
    const color = scale(pick(colors, random), lerp(0.9, 1.1, random()));
    const ruffle = 5 * random();
    mesh.surface(6, 10, { material: ring.material, color }, [1, 1], (u, v) => {
      const across =
        (u * 2 - 1) * ring.width * Math.sin(Math.PI * Math.pow(v * 0.93 + 0.06, ring.waist));
      const rise = lerp(from, to, v / 2);
      const out = length * v * Math.cos(rise);
      const up = length * v * Math.sin(rise) + (1.6 * across * across) / ring.width;
      const wave = 0.035 * length * Math.sin(u * 5 + ruffle) * v;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      return pose([out * cos - across * sin, out * sin + across * cos, up + wave]);
    });
  }
}

export function addEye(
  mesh: MeshBuilder,
  pose: Pose,
  radius: number,
  height: number,
  eye: Paint,
): void {
  const turnedPose: Pose = ([x, y, z]) => pose([x, z, y]);
  turned(
    mesh,
    turnedPose,
    [
      [radius, -0.05],
      [radius * 0.93, height * 0.7],
      [radius * 0.5, height],
      [0, height * 0.86],
    ],
    eye,
    28,
  );
}
