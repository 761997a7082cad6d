import type { StylizeRequest } from '@stylizer/common';
import { mutate } from './mutations.js';
import { Random } from './random.js';
import type { Specimen } from './specimens.js';

/** One request of the run, determined by seed and index. */
export interface Case {
  index: number;
  kind: string;
  bytes: Buffer;
  /** The mutations of the specimen. */
  steps: string[];
  /** If absent, the image goes to the style encoder. */
  params?: StylizeRequest;
}

/** The longest side of a result: keeps the network's work small whatever the image declares. */
const RESULT_SIDE = 96;
const ENCODED_SHARE = 0.15;
const UNTOUCHED_SHARE = 0.02;

export function makeCase(
  specimens: readonly [Specimen, ...Specimen[]],
  seed: number,
  index: number,
): Case {
  const random = new Random(seed, index);
  const { kind, bytes } = random.pick(specimens);
  const other = random.pick(specimens).bytes;
  const mutated = random.chance(UNTOUCHED_SHARE)
    ? { bytes, steps: [] }
    : mutate(bytes, random, other);
  if (random.chance(ENCODED_SHARE)) return { index, kind, ...mutated };
  const params: StylizeRequest = {
    styles: [{ id: 'starry-night' }],
    maxSize: RESULT_SIDE,
    ...(random.chance(0.2) && { preserveColors: true }),
    ...(random.chance(0.2) && { strength: 0.5 }),
  };
  return { index, kind, ...mutated, params };
}
