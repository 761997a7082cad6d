/** The shape of a sitting cat. It looks along -z; one unit is ten centimetres. */
import { add, clamp, dot, scale, sub } from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import { blend, carve, ellipsoid, limb } from '../scene/sdf.ts';
import type { Sdf } from '../scene/sdf.ts';
import { along } from '../scene/shapes.ts';

const both = (make: (side: number) => Sdf[]): Sdf[] => [...make(-1), ...make(1)];

/** The head's own axes: a little turned, bowed and tilted. */
const HEAD_AT: Vec3 = [0.05, 3.42, -0.62];
const HEAD_SIZE = 1.14;
const [YAW, PITCH, ROLL] = [0.1, 0.06, 0.1];

function axes(): [Vec3, Vec3, Vec3] {
  const [cy, sy, cp, sp] = [Math.cos(YAW), Math.sin(YAW), Math.cos(PITCH), Math.sin(PITCH)];
  const [cr, sr] = [Math.cos(ROLL), Math.sin(ROLL)];
  const turn = ([x, y, z]: Vec3): Vec3 => {
    const [rx, ry] = [x * cr - y * sr, x * sr + y * cr];
    const [py, pz] = [ry * cp - z * sp, ry * sp + z * cp];
    return [rx * cy + pz * sy, py, pz * cy - rx * sy];
  };
  return [turn([1, 0, 0]), turn([0, 1, 0]), turn([0, 0, 1])];
}
const [X, Y, Z] = axes();

export const toHead = (point: Vec3): Vec3 => {
  const p = scale(sub(point, HEAD_AT), 1 / HEAD_SIZE);
  return [dot(p, X), dot(p, Y), dot(p, Z)];
};
export const turnFromHead = ([x, y, z]: Vec3): Vec3 => [
  x * X[0] + y * Y[0] + z * Z[0],
  x * X[1] + y * Y[1] + z * Z[1],
  x * X[2] + y * Y[2] + z * Z[2],
];
export const fromHead = (local: Vec3): Vec3 => add(HEAD_AT, scale(turnFromHead(local), HEAD_SIZE));

export const EYE_RADIUS = 0.24;
export const eyeAt = (side: number): Vec3 => [side * 0.335, 0.05, -0.545];
export const NOSE: Vec3 = [0, -0.17, -0.905];

/** Distance to the opening between the lids, seen from the front, negative inside: an almond. */
export function eyeOpening([x, y, z]: Vec3): number {
  if (z > -0.3) return 1;
  const [ex, ey] = eyeAt(1);
  const [dx, dy] = [Math.abs(x) - ex, y - ey];
  const slant = dy - 0.15 * dx;
  const upper = Math.hypot(dx, slant + 0.155) - 0.29;
  const lower = Math.hypot(dx, slant - 0.12) - 0.268;
  return Math.max(upper, lower);
}

const ear = (side: number): Sdf => {
  const [base, tip]: [Vec3, Vec3] = [
    [side * 0.47, 0.42, 0.02],
    [side * 0.7, 1.2, 0.02],
  ];
  const shell = limb(base, tip, 0.36, 0.035);
  const cup = limb([side * 0.46, 0.46, -0.28], [side * 0.69, 1.12, -0.1], 0.27, 0.03);
  const thin: Sdf = ([x, y, z]) => shell([x, y, z * 1.5]) * 0.8;
  return carve(0.05, thin, cup);
};

const skull = blend(
  0.16,
  blend(
    0.22,
    ellipsoid([0, 0.03, 0], [0.8, 0.7, 0.7]),
    ...both((side) => [
      ellipsoid([side * 0.4, -0.26, -0.22], [0.44, 0.34, 0.42]),
      ellipsoid([side * 0.3, 0.27, -0.48], [0.27, 0.16, 0.2]),
    ]),
    limb([0, 0.2, -0.6], [0, -0.1, -0.82], 0.14, 0.1),
  ),
  ...both((side) => [ear(side)]),
);
const muzzle = blend(
  0.07,
  ...both((side) => [ellipsoid([side * 0.145, -0.3, -0.72], [0.185, 0.145, 0.17])]),
  ellipsoid([0, -0.45, -0.62], [0.15, 0.1, 0.15]),
);
const face = blend(0.12, skull, muzzle);
const lids = both((side) => [ellipsoid(eyeAt(side), [0.262, 0.25, 0.262])]);
const head = carve(0.03, blend(0.05, face, ...lids), eyeOpening);
export const headSdf: Sdf = (point) => HEAD_SIZE * head(toHead(point));

const TAIL: Vec3[] = [
  [0.4, 0.3, 1.5],
  [1.25, 0.3, 1.15],
  [1.62, 0.28, 0.2],
  [1.5, 0.27, -0.7],
  [1.0, 0.27, -1.3],
  [0.35, 0.3, -1.52],
  [-0.05, 0.34, -1.5],
];
const TAIL_PIECES = 24;
const tailPoint = (piece: number): Vec3 => along(TAIL, piece / TAIL_PIECES);
const tailPieces = Array.from({ length: TAIL_PIECES }, (_, piece) =>
  limb(tailPoint(piece), tailPoint(piece + 1), 0.2, 0.2),
);
export const tailSdf: Sdf = blend(0.05, ...tailPieces);

/** How far along the tail a point lies, 0 to 1, and which way the tail runs there. */
export function alongTail(point: Vec3): { t: number; way: Vec3 } {
  let best = 0;
  let nearest = Infinity;
  for (let piece = 0; piece <= TAIL_PIECES; piece++) {
    const distance = Math.hypot(...sub(point, tailPoint(piece)));
    if (distance < nearest) [nearest, best] = [distance, piece];
  }
  const from = clamp(best, 1, TAIL_PIECES - 1);
  return { t: best / TAIL_PIECES, way: sub(tailPoint(from + 1), tailPoint(from - 1)) };
}

const trunk = blend(
  0.35,
  ellipsoid([0, 1.9, -0.28], [0.76, 1.05, 0.72]),
  ellipsoid([0, 1.2, 0.55], [0.98, 1.2, 1.0]),
  limb([0, 2.3, -0.25], [0, 3.2, -0.45], 0.66, 0.52),
  ...both((side) => [ellipsoid([side * 0.78, 0.72, 0.3], [0.5, 0.72, 0.82])]),
);
const foreleg = (side: number): Sdf =>
  blend(
    0.12,
    limb([side * 0.42, 1.65, -0.62], [side * 0.36, 0.3, -1.0], 0.3, 0.21),
    ellipsoid([side * 0.37, 0.19, -1.12], [0.27, 0.19, 0.32]),
    ...[-0.14, 0, 0.14].map((toe) =>
      ellipsoid([side * 0.37 + toe, 0.15, -1.34], [0.085, 0.12, 0.13]),
    ),
  );
const hindFoot = (side: number): Sdf => ellipsoid([side * 0.86, 0.18, -0.5], [0.27, 0.2, 0.5]);
export const bodySdf: Sdf = blend(0.14, trunk, ...both((side) => [foreleg(side), hindFoot(side)]));
export const catSdf: Sdf = blend(0.06, blend(0.22, bodySdf, headSdf), tailSdf);
