/** The table and what lies on it. */
import { add, createRandom, lerp, rgb, scale } from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import type { MeshBuilder, Paint } from '../scene/mesh.ts';
import { facing, stalk, turned } from '../scene/shapes.ts';
import type { Pose } from '../scene/shapes.ts';
import { paint } from './finishes.ts';

export const VASE: Vec3 = [-0.55, 0, 0.1];
export const MOUTH: Vec3 = [-0.55, 2.5, 0.1];
/** Where the table ends towards the eye. */
const EDGE = -2.3;

const upright = (at: Vec3, size = 1, lean: Vec3 = [0, 0, 1]): Pose => facing(at, lean, size);

function addTable(mesh: MeshBuilder): void {
  mesh.box([-9, -0.28, EDGE], [9, 0, 3.2], paint('planks'));
  mesh.box([-9, -1.4, EDGE + 0.25], [9, -0.28, EDGE + 0.4], paint('planks'));
  mesh.quad([-14, -6, 3.3], [14, -6, 3.3], [14, 14, 3.3], [-14, 14, 3.3], paint('plaster'));
}

/** A runner across the table that falls over its edge in folds. */
function addCloth(mesh: MeshBuilder): void {
  const width = 3.1;
  const fall = 2.2;
  mesh.surface(70, 110, paint('linen'), [width, 7], (u, v) => {
    const run = v * 7 - fall;
    const folds = 0.06 * Math.sin(u * 9 + run * 0.7) + 0.045 * Math.sin(u * 17 - run * 0.9 + 1.3);
    const rumple = 0.02 * Math.sin(run * 2.3 + u * 4) + 0.1;
    const x = 0.35 + (u - 0.5) * width + run * 0.34;
    if (run > 0) {
      const calm = Math.min(1, 0.25 + 0.5 * Math.abs(run - 1.6));
      return [x, Math.max(0.015, (folds * 0.55 + rumple * 0.6) * calm), EDGE + run];
    }
    const drop = -run;
    const round = Math.min(drop / 0.12, 1);
    return [
      x + folds * 0.4,
      0.03 - drop + 0.04 * round,
      EDGE - 0.08 * round - (folds + 0.1) * drop * 0.9,
    ];
  });
}

function addVase(mesh: MeshBuilder): void {
  const profile: [number, number][] = [
    [0, 0], [0.5, 0], [0.52, 0.08], [0.5, 0.16], [0.72, 0.5], [0.9, 0.95], [0.88, 1.4], [0.62, 1.82],
    [0.4, 2.08], [0.36, 2.25], [0.48, 2.5], [0.44, 2.5], [0.3, 2.2],
  ]; // prettier-ignore
  turned(mesh, upright(VASE), profile, paint('porcelain'), 96);
}

function addBowl(mesh: MeshBuilder, at: Vec3): void {
  const profile: [number, number][] = [
    [0, 0.02], [0.55, 0], [0.56, 0.06], [0.42, 0.16], [0.75, 0.34], [1.12, 0.62], [1.3, 0.95],
    [1.33, 0.98], [1.26, 0.96], [1.05, 0.66], [0.6, 0.4], [0, 0.34],
  ]; // prettier-ignore
  turned(mesh, upright(at), profile, paint('glazed', 0xc4623a), 80);
}

function addOrange(mesh: MeshBuilder, at: Vec3, radius: number, lean: Vec3): void {
  const profile: [number, number][] = [
    [0, -0.95], [0.5, -0.88], [0.9, -0.42], [1, 0], [0.9, 0.43], [0.55, 0.84], [0.16, 0.95],
    [0.07, 0.91], [0, 0.9],
  ]; // prettier-ignore
  const pose = upright(at, radius, lean);
  turned(mesh, pose, profile, paint('orange', 0xe2640c), 48);
  turned(
    mesh,
    pose,
    [
      [0.09, 0.9],
      [0.07, 0.96],
      [0, 0.97],
    ],
    paint('matt', 0x6a7038),
    8,
  );
}

/** Half an orange whose cut face looks along `face`. */
function addHalf(mesh: MeshBuilder, at: Vec3, radius: number, face: Vec3): void {
  const pose = facing(at, face, radius);
  const along: Pose = ([x, y, z]) => pose([x, z, y]);
  turned(
    mesh,
    along,
    [
      [0, -0.95],
      [0.5, -0.86],
      [0.88, -0.46],
      [0.99, -0.1],
      [1, 0],
    ],
    paint('orange', 0xe2640c),
    48,
  );
  mesh.surface(72, 8, paint('segments'), [1, 1], (u, v) =>
    pose([v * Math.cos(u * Math.PI * 2), v * Math.sin(u * Math.PI * 2), 0.01]),
  );
}

function addPear(mesh: MeshBuilder, at: Vec3, size: number, lean: Vec3, skin: Paint): void {
  const profile: [number, number][] = [
    [0, 0.06], [0.3, 0.0], [0.66, 0.22], [0.8, 0.62], [0.7, 1.02], [0.46, 1.38], [0.34, 1.66],
    [0.24, 1.86], [0.08, 1.9], [0, 1.84],
  ]; // prettier-ignore
  const pose = upright(at, size, lean);
  turned(mesh, pose, profile, skin, 48, (angle, height) => 1 + 0.03 * Math.sin(angle * 3 + height));
  const stem: Vec3[] = [
    [0, 1.8, 0],
    [0.02, 2.05, 0],
    [0.12, 2.3, 0.03],
  ];
  stalk(mesh, stem.map(pose), 0.05 * size, 0.065 * size, paint('matt', 0x5a3d22), 5);
}

function addGrapes(mesh: MeshBuilder, at: Vec3, count: number, reach: Vec3): void {
  const random = createRandom(88);
  const placed: Vec3[] = [];
  const colors = [0x4a1f4e, 0x5c2a5e, 0x38204e, 0x6c2f58].map(rgb);
  for (let attempt = 0; attempt < 4000 && placed.length < count; attempt++) {
    const [a, b] = [lerp(-1, 1, random()), lerp(-1, 1, random())];
    const taper = Math.sqrt(Math.max(0, 1 - b * b)) * lerp(1, 0.55, (b + 1) / 2);
    const x = b * reach[0];
    const z = a * reach[2] * taper;
    const top = reach[1] * taper * Math.sqrt(Math.max(0, 1 - a * a));
    const y = 0.19 + random() * top;
    const spot: Vec3 = [x, y, z];
    if (placed.some((p) => Math.hypot(p[0] - x, p[1] - y, p[2] - z) < 0.3)) continue;
    placed.push(spot);
    const radius = lerp(0.19, 0.22, random());
    const ball: [number, number][] = [
      [0, -1],
      [0.71, -0.71],
      [1, 0],
      [0.71, 0.71],
      [0, 1],
    ];
    const skin = paint('grape', scale(colors[placed.length % 4]!, lerp(0.9, 1.3, random())));
    turned(mesh, upright(add(at, spot), radius), ball, skin, 24);
  }
}

export function buildTable(mesh: MeshBuilder): void {
  addTable(mesh);
  addCloth(mesh);
  addVase(mesh);
  const bowl: Vec3 = [2.35, 0.06, 0.35];
  addBowl(mesh, bowl);
  addOrange(mesh, add(bowl, [-0.52, 1.05, -0.25]), 0.5, [0.4, 0.3, -1]);
  addOrange(mesh, add(bowl, [0.5, 1.02, -0.42]), 0.48, [-0.5, -0.6, -1]);
  addOrange(mesh, add(bowl, [0.1, 1.08, 0.5]), 0.5, [0.2, 0.1, 1]);
  addPear(mesh, add(bowl, [0.12, 0.98, -0.05]), 0.62, [0.25, 0.22, 1], paint('pear', 0xc2b63c));
  addPear(mesh, [3.75, 0, -0.85], 0.68, [-0.3, 0.0, -1], paint('pear', 0xbfbb3a));
  addGrapes(mesh, [1.25, 0.05, -1.25], 62, [1.05, 0.62, 0.62]);
  addHalf(mesh, [-1.62, 0.42, -1.22], 0.5, [0.25, 0.62, -1]);
  addOrange(mesh, [-2.5, 0.47, -0.62], 0.49, [-0.3, 0.5, -1]);
}
