/** The mossy wall the cat sits on, and what grows around it. */
import { addEye, addRing } from '../scene/flowers.ts';
import { add, createRandom, fbm3, lerp, normalize, pick, rgb, scale } from '../scene/math.ts';
import type { Ring } from '../scene/flowers.ts';
import type { Random, Vec3 } from '../scene/math.ts';
import type { MeshBuilder } from '../scene/mesh.ts';
import { addSkin, roundBox, skinOf } from '../scene/sdf.ts';
import { along, facing, stalk } from '../scene/shapes.ts';
import { paint } from './finishes.ts';

const { material } = paint('petal');
const GREEN = paint('leaf', 0x6d8c3e);
const LAVENDER = [0x7a62c4, 0x9278d8, 0x6450ae, 0xa68ce0].map(rgb);
const WHITES = [0xf8f4ea, 0xefe9dc].map(rgb);
const IVY = [0x2f5a2c, 0x4a7836, 0x6c9244, 0x3c6a3a].map(rgb);

function addWall(mesh: MeshBuilder): void {
  const random = createRandom(9);
  for (const [course, top] of [0, -0.82, -1.7].entries()) {
    let x = -4.6 - course * 0.7;
    while (x < 4.4) {
      const length = course ? lerp(1, 1.7, random()) : lerp(1.7, 2.6, random());
      const height = course ? 0.86 : 0.8;
      const front = course ? -1.75 + 0.12 * random() : -2.0;
      const block = roundBox(
        [x + length / 2, top - height / 2, 0],
        [length / 2 - 0.03, height / 2 - 0.02, -front],
        0.14,
      );
      const rough = (p: [number, number, number]): number =>
        block(p) + 0.13 * (fbm3(p[0] * 1.6 + x, p[1] * 1.6, p[2] * 1.6, 4) - 0.5);
      const skin = skinOf(
        rough,
        [x - 0.2, top - height - 0.2, -2.3],
        [x + length + 0.2, top + 0.2, 2.3],
        0.07,
      );
      const shade = scale(rgb(0xb3a48c), lerp(0.75, 1.1, random()));
      addSkin(mesh, skin, () => paint('stone', shade));
      x += length;
    }
  }
}

function addLavender(mesh: MeshBuilder, foot: Vec3, tip: Vec3, random: Random): void {
  const knee: Vec3 = [lerp(foot[0], tip[0], 0.3), lerp(foot[1], tip[1], 0.55), tip[2]];
  const curve = [foot, knee, tip];
  stalk(mesh, curve, 0.03, 0.018, GREEN, 12);
  const length = Math.hypot(tip[0] - foot[0], tip[1] - foot[1]);
  const from = 1 - 1.15 / length;
  for (let bud = 0; bud < 70; bud++) {
    const rise = Math.floor(bud / 7) / 9;
    const turn = bud * 0.9 + rise;
    const out: Vec3 = [Math.cos(turn), 0.7, Math.sin(turn)];
    const girth = lerp(0.1, 0.03, rise * rise);
    const at = add(along(curve, lerp(from, 1, rise)), scale(out, girth));
    const color = pick(LAVENDER, random);
    const ring: Ring = { material, petals: 4, length: 1, width: 0.4, waist: 1, rise: [0.6, 0.9] };
    addRing(mesh, facing(at, out, 0.085), ring, [color], random);
  }
}

function addDaisy(mesh: MeshBuilder, foot: Vec3, at: Vec3, size: number, random: Random): void {
  const look: Vec3 = [0.5 * (random() - 0.5), 0.45, -0.8];
  const pose = facing(at, look, size);
  const knee: Vec3 = [lerp(foot[0], at[0], 0.25), lerp(foot[1], at[1], 0.6), at[2] + 0.1];
  stalk(mesh, [foot, knee, pose([0, 0, -0.05])], 0.035, 0.025, GREEN, 10);
  addRing(
    mesh,
    pose,
    { material, petals: 17, length: 1, width: 0.15, waist: 1.15, rise: [0.2, -0.05] },
    WHITES,
    random,
  );
  addEye(mesh, pose, 0.3, 0.2, paint('seeds', 0xf0ae1c));
}

/** Ivy: hanging shoots of three-lobed leaves over the face of the wall. */
function addIvy(mesh: MeshBuilder, root: Vec3, reach: Vec3, leaves: number, random: Random): void {
  const curve = [
    root,
    add(root, [reach[0] * 0.3, 0.12, -0.3]),
    add(root, scale(reach, 0.6)),
    add(root, reach),
  ];
  stalk(mesh, curve, 0.028, 0.014, paint('leaf', 0x5a4a2c), 14);
  for (let leaf = 0; leaf < leaves; leaf++) {
    const t = (leaf + random()) / leaves;
    const at = add(along(curve, t), [
      0.4 * (random() - 0.5),
      0.24 * (random() - 0.5),
      -0.08 - 0.1 * random(),
    ]);
    const look = normalize([0.7 * (random() - 0.5), 0.35 + 0.5 * random(), -1]);
    const pose = facing(at, look, lerp(0.2, 0.34, random()) * lerp(1, 0.65, t));
    const turn = Math.PI * 1.5 + 1.1 * (random() - 0.5);
    const color = pick(IVY, random);
    mesh.surface(18, 3, paint('leaf', color), [1, 1], (u, v) => {
      const around = (u * 2 - 1) * Math.PI;
      const lobe =
        0.62 +
        0.38 *
          Math.pow(Math.abs(Math.cos(around * 1.5)), 1.5) *
          (1 - 0.25 * Math.abs(around / Math.PI));
      const out = v * lobe * (1 - 0.75 * Math.pow(Math.abs(around) / Math.PI, 8));
      return pose([
        out * Math.cos(around + turn),
        out * Math.sin(around + turn),
        -0.18 * out * out,
      ]);
    });
  }
}

function addBed(mesh: MeshBuilder): void {
  const random = createRandom(77);
  for (let plant = 0; plant < 13; plant++) {
    const x = lerp(-3.1, -1.35, random());
    const tip: Vec3 = [
      x - 0.2 + 0.5 * (random() - 0.5),
      lerp(1.2, 3.0, random()) - 0.35 * Math.abs(x + 2.1),
      2.4,
    ];
    addLavender(mesh, [x * 0.9 - 0.1, -1, 2.4], tip, random);
  }
  const daisies: [number, number, number][] = [
    [1.75, 1.35, 0.42],
    [2.25, 2.05, 0.46],
    [1.95, 0.75, 0.34],
    [2.55, 1.3, 0.4],
    [2.6, 2.75, 0.36],
    [-2.75, 0.7, 0.36],
    [-2.2, 0.45, 0.32],
  ];
  for (const [x, y, size] of daisies)
    addDaisy(mesh, [x * 0.85, -1, 2.3], [x, y, 2.3], size, random);
  addIvy(mesh, [2.9, 0.05, -1.5], [-1.9, -0.55, -0.62], 40, random);
  addIvy(mesh, [3.0, 0.05, -1.6], [-0.9, -1.3, -0.55], 30, random);
  addIvy(mesh, [-3.0, 0.05, -1.5], [1.15, -0.75, -0.6], 30, random);
}

export function buildGarden(mesh: MeshBuilder): void {
  addWall(mesh);
  addBed(mesh);
}
