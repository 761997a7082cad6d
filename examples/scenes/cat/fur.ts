/** Grows hair on a skin, strand by strand. */
import { add, createRandom, cross, dot, lerp, normalize, scale, sub } from '../scene/math.ts';
import type { Random, Vec3 } from '../scene/math.ts';
import type { MeshBuilder } from '../scene/mesh.ts';
import type { Skin } from '../scene/sdf.ts';
import type { Hair } from './coat.ts';

/** Skin turned further from the eye than this shows nothing but its outline's hair. */
const TURNED_AWAY = 0.35;

export interface Salon {
  eye: Vec3;
  /** Strands to a square unit of skin. */
  density: number;
  /** Half the width of a strand at its root. */
  girth: number;
  material: number;
  hairAt: (point: Vec3) => Hair | null;
}

function addStrand(
  mesh: MeshBuilder,
  root: Vec3,
  normal: Vec3,
  hair: Hair,
  salon: Salon,
  random: Random,
): void {
  const flat = normalize(sub(hair.comb, scale(normal, dot(hair.comb, normal))));
  const astray: Vec3 = [random() - 0.5, random() - 0.5, random() - 0.5];
  const way = (lie: number): Vec3 =>
    normalize(add(add(scale(normal, 1 - lie), scale(flat, lie)), scale(astray, 0.32)));
  const length = hair.length * lerp(0.7, 1.25, random());
  const knee = add(root, scale(way(hair.lie - 0.12), length * 0.5));
  const tip = add(knee, scale(way(hair.lie + 0.12), length * 0.5));
  const side = normalize(cross(sub(tip, root), sub(salon.eye, root)));
  const wide = scale(side, salon.girth);
  const narrow = scale(side, salon.girth * 0.75);
  const tone = lerp(0.82, 1.15, random());
  const paint = { material: salon.material, color: scale(hair.color, tone) };
  const soft = normalize(add(normal, scale(way(hair.lie), 0.25)));
  const normals = [soft, soft, soft];
  const [a, b, c, d] = [sub(root, wide), add(root, wide), sub(knee, narrow), add(knee, narrow)];
  mesh.triangle([a, b, d], paint, [[0, 0], [1, 0], [1, 0.5]], normals); // prettier-ignore
  mesh.triangle([a, d, c], paint, [[0, 0], [1, 0.5], [0, 0.5]], normals); // prettier-ignore
  mesh.triangle([c, d, tip], paint, [[0, 0.5], [1, 0.5], [0.5, 1]], normals); // prettier-ignore
}

export function growFur(mesh: MeshBuilder, skin: Skin, salon: Salon): void {
  const random = createRandom(5150);
  for (const [a, b, c] of skin.triangles) {
    const [p, q, r] = [skin.points[a]!, skin.points[b]!, skin.points[c]!];
    const normal = skin.normals[a]!;
    if (dot(normal, normalize(sub(p, salon.eye))) > TURNED_AWAY) continue;
    const area = 0.5 * Math.hypot(...cross(sub(q, p), sub(r, p)));
    const short = lerp(1.8, 1, Math.min((salon.hairAt(p)?.length ?? 0) / 0.2, 1));
    for (let due = area * salon.density * short; due > random(); due--) {
      const [u, v] = [Math.sqrt(random()), random()];
      const mixOf = (x: Vec3, y: Vec3, z: Vec3): Vec3 =>
        add(add(scale(x, 1 - u), scale(y, u * (1 - v))), scale(z, u * v));
      const root = mixOf(p, q, r);
      const hair = salon.hairAt(root);
      const out = normalize(mixOf(normal, skin.normals[b]!, skin.normals[c]!));
      if (hair) addStrand(mesh, root, out, hair, salon, random);
    }
  }
}
