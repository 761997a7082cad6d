/** Portrait of a ginger tabby on a garden wall, the evening sun behind it. */
import type { Picture } from '../scene/frame.ts';
import { add, clamp, createRandom, lerp, normalize, scale, smoothstep } from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import { MeshBuilder } from '../scene/mesh.ts';
import { addSkin, ellipsoid, skinOf, blend } from '../scene/sdf.ts';
import { facing, stalk } from '../scene/shapes.ts';
import { Studio } from '../scene/studio.ts';
import type { Camera, StudioSet } from '../scene/studio.ts';
import { EYE_RADIUS, NOSE, catSdf, eyeAt, fromHead, turnFromHead } from './anatomy.ts';
import { Bokeh } from './bokeh.ts';
import { hairAt, skinColor } from './coat.ts';
import { FINISHES, paint } from './finishes.ts';
import { growFur } from './fur.ts';
import { buildGarden } from './garden.ts';

const CAMERA: Camera = { eye: [0, 3.1, -17], target: [0.12, 2.16, 0], halfWidth: 0.136 };
const DENSITY = 5200;
const GIRTH = 0.0085;

function addFace(mesh: MeshBuilder): void {
  for (const side of [-1, 1]) {
    const ahead = turnFromHead([side * 0.06, 0, -1]);
    const pose = facing(fromHead(eyeAt(side)), ahead, EYE_RADIUS);
    mesh.surface(64, 40, paint('eye'), [1, 1], (u, v) => {
      const [angle, polar] = [u * Math.PI * 2, v * Math.PI];
      const flat = Math.sin(polar);
      return pose([flat * Math.cos(angle), flat * Math.sin(angle), Math.cos(polar)]);
    });
  }
  const [x, y, z] = NOSE;
  const nose = blend(
    0.06,
    ellipsoid([x - 0.055, y + 0.025, z], [0.05, 0.04, 0.05]),
    ellipsoid([x + 0.055, y + 0.025, z], [0.05, 0.04, 0.05]),
    ellipsoid([x, y - 0.025, z - 0.005], [0.04, 0.05, 0.05]),
  );
  const skin = skinOf(nose, [-0.2, y - 0.2, z - 0.2], [0.2, y + 0.2, z + 0.2], 0.012);
  skin.points = skin.points.map(fromHead);
  skin.normals = skin.normals.map(turnFromHead);
  addSkin(mesh, skin, () => paint('nose', 0xcf7c74));
  addWhiskers(mesh);
}

function addWhiskers(mesh: MeshBuilder): void {
  const random = createRandom(61);
  for (const side of [-1, 1]) {
    for (let whisker = 0; whisker < 9; whisker++) {
      const row = Math.floor(whisker / 3);
      const root: Vec3 = [
        side * (0.17 + 0.045 * (whisker % 3)),
        -0.24 - row * 0.055,
        -0.86 + 0.03 * (whisker % 3),
      ];
      const reach = lerp(0.85, 1.25, random());
      const rise = lerp(0.16, -0.3, row / 2) + 0.16 * (random() - 0.5);
      const middle = add(root, [side * reach * 0.5, rise * 0.7 + 0.06, -0.12]);
      const tip = add(root, [side * reach, rise - 0.1, 0.08]);
      stalk(mesh, [root, middle, tip].map(fromHead), 0.0065, 0.0022, paint('whisker', 0xf4eadc), 8);
    }
    for (let brow = 0; brow < 2; brow++) {
      const root: Vec3 = [side * (0.27 + brow * 0.05), 0.3, -0.64];
      const tip = add(root, [side * (0.2 + brow * 0.1), 0.42 - brow * 0.06, -0.12]);
      const middle = add(root, [side * 0.06, 0.24, -0.14]);
      stalk(mesh, [root, middle, tip].map(fromHead), 0.0045, 0.002, paint('whisker', 0xe8d4b8), 6);
    }
  }
}

function addCat(mesh: MeshBuilder): void {
  // The lids want a finer grid than the rest; both halves overlap by a cell.
  const skins = [
    skinOf(catSdf, [-1.7, -0.1, -1.95], [2.1, 2.72, 1.9], 0.045),
    skinOf(catSdf, [-1.3, 2.64, -2.0], [1.4, 5.1, 0.8], 0.024),
  ];
  const { material } = paint('fur');
  const salon = { eye: CAMERA.eye, density: DENSITY, girth: GIRTH, material, hairAt };
  for (const skin of skins) {
    addSkin(mesh, skin, (point) => paint('skin', skinColor(point)));
    growFur(mesh, skin, salon);
  }
  addFace(mesh);
}

/** Soft evening sky, brighter to the left, over a green garden. */
function ambience([x, y, z]: Vec3): Vec3 {
  const sky = smoothstep(-0.25, 0.5, y);
  const front = clamp(0.6 - 0.25 * x - 0.4 * z, 0, 1);
  const light = lerp(0.1, 0.42, sky) * lerp(0.5, 1.15, front);
  return [light * lerp(0.95, 0.98, sky), light * lerp(1, 1, sky), light * lerp(0.55, 1.12, sky)];
}

function mirrored(direction: Vec3): Vec3 {
  const [x, y, z] = direction;
  const room = scale(ambience(direction), 0.7);
  if (z > -0.05) return room;
  const across = (x / -z + 0.52) / 0.34;
  const up = (y / -z - 0.62) / 0.4;
  const pane = smoothstep(1.08, 0.92, Math.hypot(across, up));
  return add(room, scale([1, 1, 1.05], 14 * pane));
}

export const cat: Picture = {
  file: 'cat.jpg',
  width: 1152,
  height: 1536,
  grid: 3,
  exposure: 0.82,
  expose(frame) {
    const mesh = new MeshBuilder();
    addCat(mesh);
    buildGarden(mesh);
    const bokeh = new Bokeh(CAMERA, frame.height / frame.width);
    const set: StudioSet = {
      finishes: FINISHES,
      lamps: [
        { direction: normalize([0.62, 0.52, 0.62]), softness: 0.05, color: [8, 4.9, 2.3] },
        { direction: normalize([-0.55, 0.5, -0.7]), softness: 0.35, color: [1.05, 0.93, 0.78] },
      ],
      ambience,
      mirrored,
      backdrop: (direction) => bokeh.look(direction),
    };
    return new Studio(mesh, set).expose(frame, CAMERA, 2);
  },
};
