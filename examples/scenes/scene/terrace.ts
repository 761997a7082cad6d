/** The terrace we look from: stone parapet, potted geraniums and a bougainvillea. */
import { add, createRandom, cross, fbm3, lerp, mix, normalize, pick, rgb, scale } from './math.ts';
import { smoothstep, sub, tint } from './math.ts';
import type { Random, Vec3 } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder, Paint } from './mesh.ts';
import { BARK, randomDirection } from './trees.ts';
import type { Greens } from './trees.ts';

/** A pointed leaf or petal of two triangles, folded along its midrib. */
function addBlade(
  mesh: MeshBuilder,
  stem: Vec3,
  along: Vec3,
  width: number,
  facing: Vec3,
  color: Vec3,
): void {
  const side = scale(normalize(cross(along, facing)), width);
  const waist = add(stem, scale(along, 0.45));
  const tip = add(stem, along);
  const lift = scale(facing, width * 0.45);
  const paint: Paint = { material: Material.Leaf, color };
  mesh.triangle([stem, add(add(waist, side), lift), tip], paint);
  mesh.triangle([stem, tip, add(sub(waist, side), lift)], paint);
}

/** Blossom of `petals` blades opening around `facing`. */
function addBlossom(
  mesh: MeshBuilder,
  at: Vec3,
  facing: Vec3,
  petals: number,
  size: number,
  color: Vec3,
  random: Random,
): void {
  const side = normalize(cross(facing, randomDirection(random)));
  const other = cross(facing, side);
  for (let petal = 0; petal < petals; petal++) {
    const angle = (petal / petals) * Math.PI * 2;
    const spoke = add(scale(side, Math.cos(angle)), scale(other, Math.sin(angle)));
    const along = scale(normalize(add(spoke, scale(facing, 0.5))), size);
    addBlade(mesh, at, along, size * 0.42, facing, scale(color, lerp(0.8, 1.15, random())));
  }
}

interface Flowering {
  leaf: number;
  petals: number;
  petalSize: number;
  bloom: number;
  greens: Greens;
  blooms: Vec3[];
}

const BOUGAINVILLEA: Flowering = {
  leaf: 0.11,
  petals: 3,
  petalSize: 0.066,
  bloom: 0.3,
  greens: [rgb(0x4a7a2c), rgb(0x9ab84a)],
  blooms: [rgb(0xe0358c), rgb(0xd02a86), rgb(0xf065a8), rgb(0xd43cae)],
};
const GERANIUM: Flowering = {
  leaf: 0.075,
  petals: 5,
  petalSize: 0.038,
  bloom: 0.45,
  greens: [rgb(0x3f7030), rgb(0x6f9a44)],
  blooms: [rgb(0xe0301f), rgb(0xf0503a), rgb(0xd8242c)],
};

/** Leaves and blossoms over a lumpy ellipsoid; blossoms come in patches. */
function addFlowering(
  mesh: MeshBuilder,
  center: Vec3,
  radii: Vec3,
  count: number,
  kind: Flowering,
  random: Random,
): void {
  for (let index = 0; index < count; index++) {
    const out = randomDirection(random);
    const patch = fbm3(out[0] * 3 + center[0] * 2, out[1] * 3 + center[1], out[2] * 3, 2);
    const depth = (0.65 + 0.65 * patch) * Math.cbrt(lerp(0.35, 1, random()));
    const at = add(center, scale(tint(out, radii), depth));
    const facing = normalize(add(add(out, [0, 0.35, -0.2]), scale(randomDirection(random), 0.8)));
    if (random() < kind.bloom * smoothstep(0.36, 0.56, patch) * 1.5) {
      const color = pick(kind.blooms, random);
      const spread = kind.petalSize * 1.2;
      for (let bract = 0; bract < 3; bract++) {
        const spot = add(at, scale(randomDirection(random), spread));
        addBlossom(
          mesh,
          spot,
          facing,
          kind.petals,
          kind.petalSize * lerp(0.8, 1.2, random()),
          color,
          random,
        );
      }
    } else {
      const along = scale(
        normalize(cross(facing, randomDirection(random))),
        kind.leaf * lerp(0.7, 1.3, random()),
      );
      addBlade(
        mesh,
        at,
        along,
        kind.leaf * 0.3,
        facing,
        mix(kind.greens[0], kind.greens[1], random()),
      );
    }
  }
}

function addPot(mesh: MeshBuilder, foot: Vec3, size: number, random: Random): void {
  const clay: Paint = { material: Material.Stucco, color: rgb(0xb8683f) };
  mesh.lathe(
    foot,
    [0.13, 0, 0.2, 0.3, 0.21, 0.31, 0.235, 0.31, 0.235, 0.38, 0.2, 0.39, 0.2, 0.34, 0, 0.34].map(
      (length) => length * size,
    ),
    28,
    clay,
  );
  addFlowering(
    mesh,
    add(foot, [0, 0.56 * size, 0]),
    [0.36 * size, 0.3 * size, 0.36 * size],
    420,
    GERANIUM,
    random,
  );
}

/** The terrace wall along the bottom of the picture; `eye` is where we stand. */
export function buildTerrace(mesh: MeshBuilder, eye: Vec3): void {
  const random = createRandom(33);
  const stone: Paint = { material: Material.Stone, color: rgb(0xb8a488) };
  const cap: Paint = { material: Material.Stone, color: rgb(0xd2bf9f) };
  mesh.place(add(eye, [0, -1.92, 5.2]), -0.14, () => {
    mesh.box([-6, -9, 0.05], [6, -0.12, 0.5], stone);
    mesh.box([-6, -0.12, -0.02], [6, 0, 0.58], cap);
    addPot(mesh, [1.55, 0, 0.27], 1.15, random);
    addPot(mesh, [2.42, 0, 0.3], 0.95, random);
    for (let cane = 0; cane < 26; cane++) addCane(mesh, random);
  });
}

/** One arching shoot of the bougainvillea that grows up behind the wall on the left. */
function addCane(mesh: MeshBuilder, random: Random): void {
  const root: Vec3 = [lerp(-4.1, -2.5, random()), -0.45, lerp(0.1, 0.7, random())];
  const reach: Vec3 = [
    lerp(-0.3, 1.25, random()),
    lerp(0.15, 0.94, random()),
    lerp(-0.4, 0.4, random()),
  ];
  const point = (t: number): Vec3 =>
    add(root, [reach[0] * t * t, reach[1] * t * (1.9 - 0.95 * t) + 0.2 * t, reach[2] * t]);
  const joints = 9;
  for (let joint = 1; joint <= joints; joint++) {
    const t = joint / joints;
    mesh.bar(point(t - 1 / joints), point(t), 0.014, BARK);
    const girth = lerp(0.3, 0.11, t);
    addFlowering(
      mesh,
      point(t),
      [girth, girth * 0.85, girth],
      Math.round(lerp(120, 45, t)),
      BOUGAINVILLEA,
      random,
    );
  }
}
