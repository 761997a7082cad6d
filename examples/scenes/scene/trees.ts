/** Cypresses, umbrella pines and bushes on the hill. */
import { QUAY_END, groundPoint } from './land.ts';
import { add, createRandom, cross, lerp, mix, normalize, rgb, scale, tint } from './math.ts';
import { fbm3, sub } from './math.ts';
import type { Random, Vec3 } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder, Paint } from './mesh.ts';

export const BARK: Paint = { material: Material.Plain, color: rgb(0x5b4636) };
const PINE = [rgb(0x3c5a2c), rgb(0x55713a)] as const;
const CYPRESS = [rgb(0x26412a), rgb(0x3b5a36)] as const;
const OLIVE = [rgb(0x6f7f55), rgb(0x92a06d)] as const;
const SHRUB = [rgb(0x5f7a33), rgb(0x86913f)] as const;
export type Greens = readonly [Vec3, Vec3];

export function randomDirection(random: Random): Vec3 {
  const y = random() * 2 - 1;
  const angle = random() * Math.PI * 2;
  const flat = Math.sqrt(1 - y * y);
  return [flat * Math.cos(angle), y, flat * Math.sin(angle)];
}

/** A crown of single-triangle leaves scattered under the skin of an ellipsoid. */
function addCrown(
  mesh: MeshBuilder,
  center: Vec3,
  radii: Vec3,
  leaves: number,
  size: number,
  greens: Greens,
  random: Random,
): void {
  for (let leaf = 0; leaf < leaves; leaf++) {
    const out = randomDirection(random);
    const lump =
      0.72 + 0.5 * fbm3(out[0] * 2.2 + center[0], out[1] * 2.2, out[2] * 2.2 + center[2], 2);
    const at = add(center, scale(tint(out, radii), lump * Math.sqrt(lerp(0.45, 1, random()))));
    const facing = normalize(add(out, scale(randomDirection(random), 0.7)));
    const side = scale(normalize(cross(facing, randomDirection(random))), size);
    const tip = scale(normalize(cross(facing, side)), size * 1.3);
    const soft = normalize(mix(out, facing, 0.45));
    const color = mix(greens[0], greens[1], random());
    const points: [Vec3, Vec3, Vec3] = [add(at, side), sub(at, side), add(at, tip)];
    mesh.triangle(points, { material: Material.Leaf, color }, undefined, [soft, soft, soft]);
  }
}

function addCypress(mesh: MeshBuilder, foot: Vec3, height: number, random: Random): void {
  addCrown(
    mesh,
    add(foot, [0, height * 0.5, 0]),
    [height * 0.11, height * 0.52, height * 0.11],
    620,
    0.3,
    CYPRESS,
    random,
  );
}

function addUmbrellaPine(mesh: MeshBuilder, foot: Vec3, height: number, random: Random): void {
  const lean = (random() - 0.5) * 2;
  const top = add(foot, [lean, height * 0.8, 0]);
  mesh.bar(foot, top, 0.3, BARK, 0.18);
  for (let puff = 0; puff < 5; puff++) {
    const angle = puff * 1.26 + random();
    const spread = height * (puff ? 0.22 : 0);
    const at = add(top, [
      spread * Math.cos(angle),
      height * (0.1 + 0.06 * random()),
      spread * Math.sin(angle),
    ]);
    mesh.bar(sub(top, [0, height * 0.15, 0]), at, 0.14, BARK, 0.08);
    addCrown(mesh, at, [height * 0.24, height * 0.11, height * 0.24], 330, 0.34, PINE, random);
  }
}

function addBush(
  mesh: MeshBuilder,
  foot: Vec3,
  size: number,
  greens: Greens,
  random: Random,
): void {
  for (let puff = 0; puff < 3; puff++) {
    const shift = scale(randomDirection(random), size * 0.5);
    const at = add(foot, [shift[0], size * (0.55 + 0.35 * random()), shift[2]]);
    addCrown(mesh, at, [size * 0.7, size * 0.6, size * 0.7], 170, 0.27, greens, random);
  }
}

export function buildHillside(mesh: MeshBuilder): void {
  const random = createRandom(7);
  for (let plant = 0; plant < 560; plant++) {
    const z = lerp(30, 225, random());
    const inland = z > QUAY_END - 6 ? lerp(7, 70, random()) : lerp(20, 125, random());
    const foot = groundPoint(z, inland);
    const kind = random();
    if (kind < 0.17) addCypress(mesh, foot, lerp(7, 12, random()), random);
    else if (kind < 0.3) addUmbrellaPine(mesh, foot, lerp(7, 10.5, random()), random);
    else addBush(mesh, foot, lerp(1.3, 2.8, random()), kind < 0.6 ? OLIVE : SHRUB, random);
  }
}
