/** A summer bouquet in a porcelain vase, with fruit, in the light of a window. */
import { clamp, fbm2, normalize, scale, smoothstep } from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import type { Picture } from '../scene/frame.ts';
import { MeshBuilder } from '../scene/mesh.ts';
import { Studio } from '../scene/studio.ts';
import type { Camera, StudioSet } from '../scene/studio.ts';
import { buildBouquet } from './bouquet.ts';
import { FINISHES } from './finishes.ts';
import { MOUTH, buildTable } from './table.ts';

const SUN = normalize([-0.82, 0.52, -0.62]);
const SKY = normalize([-0.9, 0.35, -0.35]);
const WINDOW_WALL = -9;

/** Sunlight comes through the six panes of a window and the leaves outside it. */
function throughWindow(point: Vec3): number {
  const t = (WINDOW_WALL - point[0]) / SUN[0];
  const y = (point[1] + t * SUN[1] - 8) / 5;
  const z = (point[2] + t * SUN[2] + 6.3) / 4.1;
  const soft = 0.035;
  const edge = (x: number): number => smoothstep(1 + soft, 1 - soft, Math.abs(x));
  const bar = (x: number): number => smoothstep(0.03, 0.03 + 2 * soft, Math.abs(x));
  const leaves = smoothstep(0.6, 0.52, fbm2(y * 2.1 + 3, z * 2.1 + 1, 3) + 0.12 * (y + z - 0.6));
  return edge(y) * edge(z) * bar(z) * bar(y - 0.36) * bar(y + 0.36) * (0.35 + 0.65 * leaves);
}

/** The window as polished things show it. */
function mirrored(direction: Vec3): Vec3 {
  const [x, y, z] = direction;
  const room = ambience(direction);
  if (x > -0.2) return room;
  const across = (z / -x + 0.5) / 0.42;
  const up = (y / -x - 0.5) / 0.42;
  const pane = (a: number): number =>
    smoothstep(1.03, 0.97, Math.abs(a)) * smoothstep(0.03, 0.07, Math.abs(a));
  const bright = pane(across) * pane(up);
  return [room[0] + 7 * bright, room[1] + 7.2 * bright, room[2] + 7.6 * bright];
}

function ambience([x, y, z]: Vec3): Vec3 {
  const left = clamp(0.5 - 0.5 * x, 0, 1);
  const light = 0.1 + 0.42 * left * left + 0.1 * clamp(y, 0, 1) + 0.1 * clamp(-z, 0, 1);
  return [light * 0.98, light * 0.98, light * 1.05];
}

const set: StudioSet = {
  finishes: FINISHES,
  lamps: [
    { direction: SUN, softness: 0.02, color: scale([1, 0.76, 0.5], 3.1), mask: throughWindow },
    { direction: SKY, softness: 0.45, color: [0.62, 0.68, 0.78] },
  ],
  ambience,
  mirrored,
  backdrop: ambience,
};

export const stillLife: Picture = {
  file: 'still-life.jpg',
  width: 1536,
  height: 1152,
  grid: 3,
  exposure: 0.9,
  expose(frame) {
    const mesh = new MeshBuilder();
    buildTable(mesh);
    buildBouquet(mesh, MOUTH);
    const camera: Camera = { eye: [0.3, 4.1, -13], target: [0.2, 3.05, 0], halfWidth: 0.372 };
    return new Studio(mesh, set).expose(frame, camera, 4);
  },
};
