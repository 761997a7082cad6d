/** A ginger tabby's coat: where it is white, where striped, how long and which way it lies. */
import { add, clamp, fbm3, lerp, mix, normalize, rgb, scale, sub } from '../scene/math.ts';
import { smoothstep } from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import {
  alongTail,
  bodySdf,
  eyeOpening,
  headSdf,
  NOSE,
  tailSdf,
  toHead,
  turnFromHead,
} from './anatomy.ts';

const GINGER = rgb(0xd68a3c);
const STRIPE = rgb(0x99501c);
const CREAM = rgb(0xf0c890);
const WHITE = rgb(0xf4ece0);
const SKIN = rgb(0xd9968a);
const LID = rgb(0x3a2218);

export interface Hair {
  color: Vec3;
  length: number;
  /** Which way it is combed; need not lie in the skin. */
  comb: Vec3;
  /** 0 stands on end, 1 lies flat. */
  lie: number;
}

const wave = (phase: number, share: number): number =>
  smoothstep(1 - share * 2, 1 - share * 2 + 0.5, Math.sin(phase));

function headHair(point: Vec3): Hair | null {
  const local = toHead(point);
  const [x, y, z] = local;
  const wide = Math.abs(x);
  const lid = eyeOpening(local);
  if (lid < 0.006 || Math.hypot(...sub(local, NOSE)) < 0.085) return null;
  const fuzz = fbm3(x * 5, y * 5, z * 5, 3) - 0.5;
  const outward = sub(local, [0, -0.12, -1.05]);
  const comb = turnFromHead([outward[0] * 1.2, outward[1] * 1.1 - 0.1 * wide, outward[2] * 0.9]);

  const crown = smoothstep(0.22, 0.4, y);
  const brow = wave(wide * (24 - 9 * y) + 2.6 + fuzz * 2, 0.5) * crown;
  const angle = Math.atan2(y + 0.1, wide - 0.1);
  const cheek = wave(angle * 8.5 - 0.6 + fuzz * 3, 0.4) * smoothstep(0.42, 0.6, wide);
  const striped = clamp(Math.max(brow, cheek * smoothstep(0.35, 0.2, y)), 0, 1);
  let color = mix(mix(GINGER, CREAM, 0.25 + 0.5 * fuzz), STRIPE, striped * 0.9);
  color = mix(color, CREAM, 0.8 * smoothstep(0.13, 0.03, lid) * smoothstep(0.02, 0.05, lid));
  const mask = Math.hypot(x * 0.95, (y + 0.42) * 1.1, (z + 0.75) * 0.7) + fuzz * 0.12;
  const blaze = wide - 0.07 + 0.16 * (y + 0.1) + fuzz * 0.06;
  const white = Math.max(
    smoothstep(0.42, 0.34, mask),
    smoothstep(0.03, -0.02, blaze) * smoothstep(0.42, 0.3, y) * smoothstep(-0.4, -0.5, z),
  );
  color = mix(color, WHITE, Math.max(white, smoothstep(-0.42, -0.6, y)));
  color = mix(color, LID, smoothstep(0.028, 0.014, lid));
  const mouth = Math.abs(y + 0.36 + 0.35 * wide * wide - 0.16 * wide);
  const lips = smoothstep(0.022, 0.008, mouth) * smoothstep(0.26, 0.2, wide);
  const groove =
    smoothstep(0.014, 0.006, wide) * smoothstep(-0.38, -0.36, y) * smoothstep(-0.2, -0.22, y);
  if (z < -0.55) color = mix(color, rgb(0x7a4a3c), 0.85 * Math.max(lips, groove));

  const onEar = smoothstep(0.62, 0.75, y) * smoothstep(0.25, 0.35, wide);
  let length = lerp(0.09, 0.2, smoothstep(-0.55, 0.05, z));
  length = lerp(length, 0.3, smoothstep(0.45, 0.7, wide) * smoothstep(0.1, -0.25, y));
  length = lerp(
    length,
    0.055,
    Math.max(onEar, smoothstep(-0.62, -0.78, z), smoothstep(0.08, 0.02, lid)),
  );
  if (onEar > 0.5) color = mix(color, STRIPE, 0.35);
  return { color, length, comb, lie: onEar > 0.5 ? 0.8 : 0.72 };
}

function bodyHair(point: Vec3): Hair {
  const [x, y, z] = point;
  const wide = Math.abs(x);
  const fuzz = fbm3(x * 2.4, y * 2.4, z * 2.4, 3) - 0.5;
  const bands = wave(z * 6.2 + y * 2 + fuzz * 7, 0.36) * smoothstep(0.25, 0.6, wide);
  const rings = wave(y * 12 + fuzz * 4, 0.36);
  const leg = smoothstep(1.35, 1.0, y) * smoothstep(-0.45, -0.65, z);
  let color = mix(GINGER, CREAM, 0.2 + 0.9 * fuzz + 0.25 * smoothstep(0.9, 0.2, y));
  color = mix(color, STRIPE, 0.85 * lerp(bands, rings * 0.75, leg));
  const bib =
    smoothstep(0.5, 0.36, wide + fuzz * 0.3 + 0.16 * (2.2 - y)) *
    smoothstep(-0.2, -0.5, z) *
    smoothstep(0.9, 1.3, y);
  const socks = smoothstep(0.55, 0.42, y + fuzz * 0.3) * smoothstep(-0.35, -0.6, z);
  const toes =
    [-0.07, 0.07].some((gap) => Math.abs(wide - 0.37 - gap) < 0.012) && z < -1.3 && y < 0.24;
  color = mix(color, toes ? rgb(0x9a8272) : WHITE, Math.max(bib, socks));
  const chest = smoothstep(1.2, 1.7, y) * smoothstep(-0.1, -0.5, z);
  let length = lerp(0.24, 0.42, chest);
  length = lerp(length, 0.1, smoothstep(0.9, 0.4, y) * smoothstep(-0.4, -0.7, z));
  const clump = 0.5 * (fbm3(x * 3, y * 1.6, z * 3 + 4, 2) - 0.5);
  const comb: Vec3 = [0.28 * x + clump, -1, lerp(0.3, -0.12, chest)];
  return { color, length, comb, lie: lerp(0.84, 0.76, chest) };
}

function tailHair(point: Vec3): Hair {
  const { t, way } = alongTail(point);
  const fuzz = fbm3(point[0] * 4, point[1] * 4, point[2] * 4, 2) - 0.5;
  const rings = wave(t * 62 + fuzz * 3, 0.42);
  let color = mix(mix(GINGER, CREAM, 0.3 + fuzz), STRIPE, rings * 0.9);
  color = mix(color, WHITE, smoothstep(0.9, 0.95, t + fuzz * 0.06));
  return { color, length: 0.26, comb: add(normalize(way), [0, 0.1, 0]), lie: 0.74 };
}

/** The hair at a point of the skin, or null where none grows. */
export function hairAt(point: Vec3): Hair | null {
  const [head, body, tail] = [headSdf(point), bodySdf(point), tailSdf(point)];
  if (tail < body && tail < head) return tailHair(point);
  if (head > body) return bodyHair(point);
  const ofHead = headHair(point);
  if (!ofHead) return null;
  const collar = smoothstep(0.25, 0.05, body - head);
  const ofBody = bodyHair(point);
  return {
    color: mix(ofHead.color, ofBody.color, collar * 0.5),
    length: lerp(ofHead.length, ofBody.length, collar * 0.6),
    comb: mix(normalize(ofHead.comb), normalize(ofBody.comb), collar * 0.5),
    lie: ofHead.lie,
  };
}

/** Bare skin, seen between the hairs: pink in the ears, dark around the eyes. */
export function skinColor(point: Vec3): Vec3 {
  const local = toHead(point);
  if (headSdf(point) < 0.05 && eyeOpening(local) < 0.02) return LID;
  const inEar = local[1] > 0.55 && headSdf(point) < 0.05;
  return inEar ? SKIN : scale(hairAt(point)?.color ?? SKIN, 0.6);
}
