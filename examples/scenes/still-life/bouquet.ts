/** Sunflowers, peonies, daisies and larkspur in a vase. */
import { add, createRandom, lerp, mix, normalize, pick, rgb, scale, sub } from '../scene/math.ts';
import type { Random, Vec3 } from '../scene/math.ts';
import { addEye, addRing } from '../scene/flowers.ts';
import type { Ring } from '../scene/flowers.ts';
import type { MeshBuilder } from '../scene/mesh.ts';
import { along, facing, stalk } from '../scene/shapes.ts';
import type { Pose } from '../scene/shapes.ts';
import { paint } from './finishes.ts';

const GREENS = [0x3f6a2a, 0x5c8a38, 0x4a7a45, 0x75974a].map(rgb);
const { material } = paint('petal');
const STEM = paint('matt', 0x5a8238);

type Kind = (mesh: MeshBuilder, pose: Pose, random: Random) => void;

const sunflower: Kind = (mesh, pose, random) => {
  const gold = [0xf7b516, 0xfcc52c, 0xf2a20e, 0xffd04a].map(rgb);
  const back: Ring = {
    material,
    petals: 16,
    length: 1.02,
    width: 0.19,
    rise: [0.08, -0.2],
    waist: 0.9,
  };
  addRing(mesh, pose, back, gold, random);
  addRing(mesh, pose, { ...back, petals: 14, length: 0.86, rise: [0.28, 0.1] }, gold, random);
  addEye(mesh, pose, 0.42, 0.16, paint('seeds', 0x4a2812));
};

/** Round many-leaved bloom, tight at the heart. */
const peony =
  (colors: number[]): Kind =>
  (mesh, pose, random) => {
    for (let ring = 0; ring < 7; ring++) {
      const t = ring / 6;
      const shape: Ring = {
        material,
        petals: Math.round(lerp(9, 5, t)),
        length: lerp(0.92, 0.42, t),
        width: lerp(0.36, 0.2, t),
        rise: [lerp(0.15, 1.35, t), lerp(0.75, 1.9, t)],
        waist: 1.25,
      };
      addRing(mesh, pose, shape, colors.map(rgb), random);
    }
  };

const daisy: Kind = (mesh, pose, random) => {
  const ring: Ring = {
    material,
    petals: 18,
    length: 1,
    width: 0.13,
    rise: [0.15, -0.05],
    waist: 1.2,
  };
  addRing(mesh, pose, ring, [rgb(0xf8f4ea), rgb(0xefe9dc)], random);
  addEye(mesh, pose, 0.27, 0.17, paint('seeds', 0xe9a418));
};

const KINDS = {
  sunflower,
  rose: peony([0xe8909a, 0xf0a8a8, 0xdf7486]),
  crimson: peony([0xb0203a, 0xc5304a, 0x981a34]),
  cream: peony([0xf5dcb8, 0xf8e6cc, 0xf0c8a0]),
  daisy,
};

/** Heads: kind, where, size; x and y as seen from the front, z away from the eye. */
const HEADS: [keyof typeof KINDS, Vec3, number][] = [
  ['sunflower', [-0.62, 4.32, -0.75], 0.98],
  ['sunflower', [0.92, 5.15, -0.1], 0.86],
  ['sunflower', [-1.55, 5.3, 0.3], 0.8],
  ['crimson', [0.55, 3.62, -0.95], 0.74],
  ['crimson', [-1.95, 4.2, -0.1], 0.6],
  ['rose', [-1.42, 3.3, -0.75], 0.72],
  ['rose', [1.65, 4.2, -0.3], 0.66],
  ['rose', [-0.3, 5.5, 0.1], 0.6],
  ['cream', [0.32, 4.55, -0.65], 0.6],
  ['cream', [-0.45, 3.2, -1.05], 0.52],
  ['daisy', [1.3, 3.3, -0.7], 0.4],
  ['daisy', [1.72, 3.62, -0.45], 0.33],
  ['daisy', [-0.98, 5.02, -0.35], 0.36],
  ['daisy', [0.2, 5.16, -0.3], 0.3],
  ['daisy', [-2.2, 3.55, -0.25], 0.38],
  ['daisy', [-0.98, 2.72, -0.9], 0.34],
];
/** Tips of the larkspur. */
const SPIKES: Vec3[] = [
  [-2.5, 5.5, 0.3],
  [0.2, 6.35, 0.5],
  [2.15, 5.6, 0.4],
  [-0.95, 6.2, 0.5],
  [2.55, 4.6, 0.1],
  [-2.95, 4.5, 0.2],
];

function addLeaf(mesh: MeshBuilder, root: Vec3, tip: Vec3, width: number, random: Random): void {
  const droop = lerp(0.15, 0.5, random());
  const ahead = sub(tip, root);
  const side = normalize([ahead[2] - ahead[1], 0.4 * (random() - 0.5), -ahead[0]]);
  const bend = (v: number): Vec3 => [0, droop * (v - v * v) * 2, 0];
  mesh.surface(4, 9, paint('foliage', pick(GREENS, random)), [1, 1], (u, v) => {
    const s = u * 2 - 1;
    const reach = width * Math.sin(Math.PI * Math.pow(v * 0.97 + 0.03, 0.8));
    const fold: Vec3 = [0, Math.abs(s) * reach * 0.45, 0];
    return add(add(add(add(root, scale(ahead, v)), bend(v)), scale(side, s * reach)), fold);
  });
}

function addLarkspur(mesh: MeshBuilder, curve: Vec3[], random: Random): void {
  const colors = [0x4a58c0, 0x6a74d8, 0x5a48b0, 0x8a86e0].map(rgb);
  for (let blossom = 0; blossom < 44; blossom++) {
    const t = lerp(0.52, 1.02, blossom / 43);
    const turn = blossom * 2.4;
    const girth = lerp(0.26, 0.04, Math.pow(blossom / 43, 1.4));
    const out: Vec3 = [Math.cos(turn), 0.25, Math.sin(turn)];
    const pose = facing(
      add(along(curve, t), scale(out, girth)),
      out,
      lerp(0.2, 0.07, blossom / 43),
    );
    const ring: Ring = { material, petals: 5, length: 1, width: 0.42, rise: [0.35, 0.6], waist: 1 };
    addRing(mesh, pose, ring, [mix(pick(colors, random), colors[0]!, 0.3)], random);
  }
}

/** Blossoms that dropped on the table. */
function addFallen(mesh: MeshBuilder, random: Random): void {
  daisy(mesh, facing([-3.15, 0.1, -1.45], [0.15, 0.8, -0.6], 0.34), random);
  const petals: Ring = {
    material,
    petals: 1,
    length: 0.46,
    width: 0.22,
    rise: [0.02, 0.3],
    waist: 1.2,
  };
  const spots: Vec3[] = [
    [-0.75, 0.03, -1.5],
    [-2.0, 0.03, -1.95],
    [2.75, 0.03, -1.6],
  ];
  for (const spot of spots)
    addRing(mesh, facing(spot, [0, 1, -0.1]), petals, [rgb(0xe8909a)], random);
}

/** Everything that grows out of the vase's `mouth`. */
export function buildBouquet(mesh: MeshBuilder, mouth: Vec3): void {
  const random = createRandom(414);
  const curveTo = (tip: Vec3): Vec3[] => {
    const knee: Vec3 = [lerp(mouth[0], tip[0], 0.3), lerp(mouth[1], tip[1], 0.55), tip[2] * 0.5];
    return [add(mouth, [0, -0.5, 0]), mouth, knee, tip];
  };
  addFallen(mesh, random);
  for (const [kind, at, size] of HEADS) {
    const out = normalize(sub(at, add(mouth, [0, 0.9, 0.9])));
    const pose = facing(at, add(out, [-0.12, 0.05, -0.75]), size);
    KINDS[kind](mesh, pose, random);
    stalk(mesh, curveTo(pose([0, 0, -0.04])), 0.045, 0.03, STEM);
    for (let leaf = 0; leaf < 3; leaf++) {
      const root = add(at, [0, -0.25 * size, 0.25]);
      const way: Vec3 = [random() - 0.5, 0.75 * (random() - 0.6), -0.25 * random()];
      const length = lerp(0.8, 1.25, random());
      addLeaf(mesh, root, add(root, scale(normalize(way), length)), 0.2, random);
    }
  }
  for (const tip of SPIKES) {
    const curve = curveTo(tip);
    stalk(mesh, curve, 0.04, 0.015, STEM, 16);
    addLarkspur(mesh, curve, random);
  }
  for (let leaf = 0; leaf < 44; leaf++) {
    const angle = lerp(-1.45, 1.45, (leaf + 0.7 * random()) / 44);
    const reach = lerp(1.1, 2.5, random());
    const tip: Vec3 = [
      Math.sin(angle) * reach,
      Math.cos(angle) * reach - 0.35,
      0.7 - 1.6 * random(),
    ];
    addLeaf(mesh, add(mouth, scale(tip, 0.2)), add(mouth, tip), lerp(0.16, 0.27, random()), random);
  }
}
