/** The shape of the ground: a bay whose shore runs away from us on the right, then bends left. */
import { fbm2, lerp, rgb, smoothstep } from './math.ts';
import type { Vec3 } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder } from './mesh.ts';

export const QUAY_HEIGHT = 1.9;
export const QUAY_END = 168;
const NEAR_END = 12;
const FAR_END = 262;

/** East-west position of the water's edge at a depth into the picture, all in metres. */
export function shoreX(z: number): number {
  return 19 - 64 * smoothstep(58, 186, z) + 95 * smoothstep(188, 262, z);
}

const shoreSlope = (z: number): number => (shoreX(z + 0.5) - shoreX(z - 0.5)) / 1;

/** Ground height at `inland` metres behind the water's edge. */
function groundHeight(x: number, z: number, inland: number): number {
  if (inland < 0) return -2;
  const flat = lerp(15, 5, smoothstep(QUAY_END - 20, QUAY_END + 20, z));
  const summit = lerp(12, 54, smoothstep(-42, 92, x)) * (1 - 0.7 * smoothstep(205, 255, z));
  const climb = smoothstep(flat - 1, flat + 88, inland + 9 * (fbm2(x / 30, z / 30, 3) - 0.5));
  const rough = (fbm2(x / 17 + 3, z / 17, 4) - 0.5) * 7 * smoothstep(flat, flat + 30, inland);
  const rocks = (fbm2(x / 4, z / 4 + 9, 4) - 0.35) * 5 * smoothstep(QUAY_END, QUAY_END + 8, z);
  const edge = smoothstep(0, 4, inland);
  return QUAY_HEIGHT + summit * Math.pow(climb, 0.7) + rough + rocks * edge;
}

/** The point of the ground `inland` metres behind the shore, straight back from the water. */
export function groundPoint(z: number, inland: number): Vec3 {
  const stretch = Math.hypot(1, Math.min(Math.abs(shoreSlope(z)), 1.2));
  const x = shoreX(z) + inland * stretch;
  return [x, groundHeight(x, z, inland), z];
}

/** Yaw that turns local +z straight inland, and ground metres covered per metre of depth. */
export function shoreFrame(z: number): { yaw: number; stretch: number } {
  const slope = shoreSlope(z);
  return { yaw: Math.atan2(1, -slope), stretch: Math.hypot(1, slope) };
}

export function buildLand(mesh: MeshBuilder): void {
  const depth = (v: number): number => lerp(NEAR_END, FAR_END, v);
  const soil = { material: Material.Ground, color: rgb(0x7d8a4a) };
  const paving = { material: Material.Stone, color: rgb(0xbfae96) };
  const wall = { material: Material.Stone, color: rgb(0x8f8272) };
  const rail = (QUAY_END + 10 - NEAR_END) / (FAR_END - NEAR_END);
  mesh.surface(150, 260, soil, [1, 1], (u, v) => {
    const inland = 4.5 + 150 * u * u;
    const [x, y, z] = groundPoint(depth(v), inland);
    return [x, y - 0.05, z];
  });
  mesh.surface(3, 200, paving, [16, 220], (u, v) => {
    const z = depth(v * rail);
    const [x, y] = groundPoint(z, u * lerp(15, 6, smoothstep(QUAY_END - 20, QUAY_END, z)));
    return [x, y, z];
  });
  mesh.surface(1, 200, wall, [3, 220], (u, v) => {
    const z = depth(v * rail);
    return [shoreX(z), lerp(-0.6, QUAY_HEIGHT, u), z];
  });
  mesh.surface(24, 90, wall, [4, 120], (u, v) => {
    const z = lerp(QUAY_END - 2, FAR_END, v);
    const [x, y] = groundPoint(z, 0.05 + 6 * u);
    const jut = (fbm2(u * 4, z / 3, 4) - 0.5) * 6 * (1 - u);
    return [x - 3 * (1 - u) + jut, lerp(-1.5, y + 0.3, Math.sqrt(u)), z];
  });
}
