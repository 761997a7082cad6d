/** Sailing boats in the bay and the small painted boats moored along the quay. */
import { shoreFrame, shoreX } from './land.ts';
import { createRandom, lerp, pick, rgb, smoothstep } from './math.ts';
import type { Random, Vec3 } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder, Paint } from './mesh.ts';

const plain = (hex: number): Paint => ({ material: Material.Plain, color: rgb(hex) });
const cloth = (hex: number): Paint => ({ material: Material.Cloth, color: rgb(hex) });

const HULLS = [0x2f6f9f, 0xc7402f, 0xf2efe6, 0x2f8577, 0xe3a62f, 0x1f3f66].map(plain);
const WHITE = plain(0xf5f1e8);
const DECK = plain(0xb98a55);
const WOOD = plain(0x7a5230);
const METAL = plain(0xb9b3a8);
const CANVAS = cloth(0xf4e8cf);

/** Open hull along local x, bow at +length/2; the stripe of `trim` runs under the gunwale. */
function addHull(mesh: MeshBuilder, length: number, hull: Paint, trim: Paint): void {
  const beam = (u: number): number =>
    length * 0.16 * Math.pow(Math.sin(Math.PI * lerp(0.2, 1, u)), 0.75);
  const sheer = (u: number): number =>
    length * (0.085 + 0.07 * Math.pow(Math.abs(u - 0.4) / 0.6, 2));
  const x = (u: number, level: number): number =>
    length * (u - 0.5) + length * 0.06 * level * u * u;
  for (const side of [-1, 1]) {
    const shell = (from: number, to: number, paint: Paint): void =>
      mesh.surface(24, 6, paint, [length, 1], (u, v) => {
        const level = lerp(from, to, v);
        const flare = Math.pow(Math.max(level + 0.35, 0) / 1.35, 0.45);
        return [x(u, level), sheer(u) * level, side * beam(u) * flare];
      });
    shell(-0.3, 0.78, hull);
    shell(0.78, 1, trim);
  }
  mesh.surface(16, 2, DECK, [length, 1], (u, v) => [
    x(u, 0.8),
    sheer(u) * 0.82,
    (v * 2 - 1) * beam(u) * 0.95,
  ]);
  mesh.surface(2, 4, hull, [1, 1], (u, v) => [
    x(0, v),
    sheer(0) * (v * 1.2 - 0.2),
    (u * 2 - 1) * beam(0) * 0.95,
  ]);
}

/** Three-cornered sail bellying sideways by `belly`. */
function addSail(
  mesh: MeshBuilder,
  tack: Vec3,
  head: Vec3,
  clew: Vec3,
  belly: number,
  paint: Paint,
): void {
  mesh.surface(12, 12, paint, [3, 3], (u, v) => {
    const reach = u * (1 - v);
    const bulge =
      belly * Math.sin(Math.PI * u) * Math.sin(Math.PI * Math.pow(v, 0.7)) +
      belly * 0.4 * (1 - v) * u;
    return [
      tack[0] + (head[0] - tack[0]) * v + (clew[0] - tack[0]) * reach,
      tack[1] + (head[1] - tack[1]) * v + (clew[1] - tack[1]) * reach,
      tack[2] + (clew[2] - tack[2]) * reach + bulge,
    ];
  });
}

function addSailingBoat(mesh: MeshBuilder, length: number, hull: Paint, sail: Paint | null): void {
  const mast = length * 1.35;
  const foot = length * 0.14;
  addHull(mesh, length, hull, WHITE);
  mesh.box(
    [-length * 0.2, 0, -length * 0.075],
    [length * 0.12, length * 0.15, length * 0.075],
    WHITE,
  );
  mesh.box(
    [-length * 0.12, length * 0.1, -length * 0.078],
    [length * 0.06, length * 0.125, length * 0.078],
    plain(0x222a33),
  );
  mesh.bar([foot, 0, 0], [foot, mast, 0], length * 0.011, WOOD, length * 0.006);
  mesh.bar([foot, length * 0.22, 0], [-length * 0.42, length * 0.22, 0], length * 0.008, WOOD);
  const bow: Vec3 = [length * 0.53, length * 0.13, 0];
  const rigging = length * 0.0022 + 0.008;
  mesh.bar([foot, mast * 0.98, 0], bow, rigging, METAL);
  mesh.bar([foot, mast, 0], [-length * 0.48, length * 0.11, 0], rigging, METAL);
  for (const side of [-1, 1]) {
    mesh.bar(
      [foot, mast * 0.9, 0],
      [foot - 0.2, length * 0.1, side * length * 0.155],
      rigging,
      METAL,
    );
  }
  if (sail) {
    addSail(
      mesh,
      [foot, length * 0.24, 0],
      [foot, mast * 0.97, 0],
      [-length * 0.42, length * 0.24, 0],
      length * 0.06,
      sail,
    );
    addSail(
      mesh,
      bow,
      [foot + 0.1, mast * 0.9, 0],
      [foot * 0.4, length * 0.2, 0],
      length * 0.07,
      CANVAS,
    );
  } else {
    mesh.bar(
      [foot, length * 0.25, 0],
      [-length * 0.4, length * 0.25, 0],
      length * 0.022,
      cloth(0x2c4f74),
    );
  }
}

function addFishingBoat(mesh: MeshBuilder, length: number, hull: Paint, random: Random): void {
  addHull(mesh, length, hull, random() < 0.5 ? WHITE : pick(HULLS, random));
  if (random() < 0.55) {
    const roof = length * 0.36;
    mesh.box([-length * 0.25, 0, -0.7], [length * 0.02, roof, 0.7], WHITE);
    mesh.box([-length * 0.28, roof, -0.8], [length * 0.06, roof + 0.1, 0.8], pick(HULLS, random));
    mesh.box(
      [-length * 0.2, roof * 0.6, -0.72],
      [length * 0.03, roof * 0.9, 0.72],
      plain(0x2a3540),
    );
    mesh.bar([-length * 0.1, roof, 0], [-length * 0.1, roof + 2.4, 0], 0.05, WOOD);
  } else {
    for (const at of [-0.2, 0.05, 0.26]) {
      mesh.box(
        [length * at, length * 0.07, -0.75],
        [length * at + 0.3, length * 0.095, 0.75],
        WOOD,
      );
    }
  }
}

/** Boats at anchor or under sail: [x, z, yaw, length, hull, sail]. */
const FLEET: [number, number, number, number, Paint, Paint | null][] = [
  [-22.4, 72, 2.85, 11, plain(0xf2efe6), cloth(0xe8895a)],
  [-68, 150, 0.35, 10, plain(0x1f3f66), CANVAS],
  [-111, 330, 2.9, 12, plain(0xf2efe6), CANVAS],
  [-9.5, 98, 0.2, 4.6, plain(0xc7402f), null],
  [6.2, 83, 0.65, 9.5, plain(0x1f3f66), null],
  [-2, 104, 0.8, 9, plain(0xf2efe6), null],
  [-9, 121, 0.7, 8.5, plain(0xc7402f), null],
  [3.5, 55.5, -0.35, 5.4, plain(0x2f8577), null],
];

function addGulls(mesh: MeshBuilder, random: Random): void {
  for (let gull = 0; gull < 9; gull++) {
    const at: Vec3 = [lerp(-26, -6, random()), lerp(19, 31, random()), lerp(60, 95, random())];
    const [span, lift] = [lerp(0.55, 0.75, random()), lerp(0.1, 0.6, random())];
    mesh.place(at, lerp(-1, 1, random()), () => {
      for (const side of [-1, 1]) {
        const elbow: Vec3 = [side * span * 0.5, lift * 0.6, 0.06];
        mesh.triangle([[0, 0, -0.16], [0, 0, 0.2], elbow], WHITE);
        mesh.triangle([[0, 0, 0.1], elbow, [side * span, lift * 0.45, 0.3]], METAL);
      }
      mesh.bar([0, 0, -0.38], [0, 0, 0.32], 0.09, WHITE, 0.03);
    });
  }
}

export function buildBoats(mesh: MeshBuilder): void {
  const random = createRandom(91);
  addGulls(mesh, createRandom(12));
  for (const [x, z, yaw, length, hull, sail] of FLEET) {
    mesh.place([x, -0.05, z], yaw, () => {
      if (length > 6) addSailingBoat(mesh, length, hull, sail);
      else addFishingBoat(mesh, length, hull, random);
    });
  }
  for (let z = 47; z < 158; z += lerp(4.6, 7.5, random())) {
    const length = lerp(5, 7, random());
    const out = lerp(2.4, 4.4, random()) + 3 * smoothstep(0.75, 1, random());
    const { yaw } = shoreFrame(z);
    mesh.place([shoreX(z) - out * 1.15, -0.05, z], yaw + Math.PI / 2 + 0.5 * (random() - 0.5), () =>
      addFishingBoat(mesh, length, pick(HULLS, random), random),
    );
  }
}
