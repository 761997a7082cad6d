import { crc32 } from 'node:zlib';
import { sniffFormat } from '@stylizer/common';
import { fieldsOf, partsOf } from './anatomy.js';
import type { Random } from './random.js';

/** Changes a file. Returns a new one, and depends on nothing but its arguments. */
export type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const LARGEST_BLOCK = 512;
const HEAD = 256;

/** A position in a file, often in its header, which decoders trust most. */
const position = (bytes: Buffer, random: Random): number =>
  random.below(random.chance(0.3) ? Math.min(HEAD, bytes.length) : bytes.length);

const block = (bytes: Buffer, random: Random): Buffer => {
  const from = position(bytes, random);
  return bytes.subarray(from, from + 1 + random.below(LARGEST_BLOCK));
};

const replace = (bytes: Buffer, from: number, to: number, by: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);

const insert = (bytes: Buffer, at: number, what: Buffer) => replace(bytes, at, at, what);

const EXTREMES = [
  ...[0, 1, 2, 0x0f, 0x10, 0x7f, 0x80, 0xfe, 0xff, 0x100, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xffdc],
  ...[0xfffe, 0xffff, 0x10000, 0xffffff, 0x7ffffffe, 0x7fffffff, 0x80000000, 0xffffffff],
] as const;

const PAYLOADS = [
  '<script>alert(1)</script>',
  '%PDF-1.7\n',
  'PK\x03\x04',
  '<svg xmlns=""/>',
] as const;

export const MUTATIONS = {
  flipBits(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let n = 1 + random.below(6); n > 0; n--) {
      const at = position(copy, random);
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    }
    return copy;
  },

  setBytes(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let n = 1 + random.below(6); n > 0; n--)
      copy[position(copy, random)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.next() & 0xff]);
    return copy;
  },

  deleteBlock(bytes, random) {
    const at = position(bytes, random);
    return replace(bytes, at, at + 1 + random.below(LARGEST_BLOCK), Buffer.alloc(0));
  },

  duplicateBlock: (bytes, random) => insert(bytes, position(bytes, random), block(bytes, random)),

  insertBlock(bytes, random) {
    const size = 1 + random.below(LARGEST_BLOCK);
    const what = random.pick([random.bytes(size), Buffer.alloc(size), Buffer.alloc(size, 0xff)]);
    return insert(bytes, position(bytes, random), what);
  },

  truncate: (bytes, random) => bytes.subarray(0, random.below(bytes.length)),

  /** The head of one file and the tail of another. */
  splice: (bytes, random, other) =>
    Buffer.concat([
      bytes.subarray(0, random.below(bytes.length)),
      other.subarray(random.below(other.length)),
    ]),

  graft: (bytes, random, other) => insert(bytes, position(bytes, random), block(other, random)),

  append: (bytes, random, other) =>
    Buffer.concat([bytes, random.pick([other, Buffer.from(random.pick(PAYLOADS), 'latin1')])]),

  editField(bytes, random) {
    const [first, ...others] = fieldsOf(bytes);
    if (!first) return bytes;
    const copy = Buffer.from(bytes);
    for (let n = 1 + random.below(3); n > 0; n--) {
      const { at, bytes: size, littleEndian } = random.pick([first, ...others]);
      const value = random.chance(0.7) ? random.pick(EXTREMES) : random.next();
      const fitting = value % 2 ** (8 * size);
      if (littleEndian) copy.writeUIntLE(fitting, at, size);
      else copy.writeUIntBE(fitting, at, size);
    }
    return copy;
  },

  movePart(bytes, random) {
    const [first, ...others] = partsOf(bytes);
    if (!first) return bytes;
    const taken = random.pick([first, ...others]);
    const target = random.pick([first, ...others]);
    const part = bytes.subarray(taken.start, taken.end);
    if (random.chance(0.4)) return insert(bytes, target.start, part);
    const without = replace(bytes, taken.start, taken.end, Buffer.alloc(0));
    const shift = target.start > taken.start ? part.length : 0;
    return insert(without, target.start - shift, part);
  },

  dropPart(bytes, random) {
    const [first, ...others] = partsOf(bytes);
    if (!first) return bytes;
    const { start, end } = random.pick([first, ...others]);
    return replace(bytes, start, end, Buffer.alloc(0));
  },

  /** Renames a chunk or box, or changes the kind of a segment. */
  renamePart(bytes, random) {
    const [first, ...others] = partsOf(bytes);
    if (!first) return bytes;
    const copy = Buffer.from(bytes);
    const { start } = random.pick([first, ...others]);
    const donor = random.pick([first, ...others]);
    if (sniffFormat(bytes) === 'jpeg') copy[start + 1] = 0xc0 + random.below(0x40);
    else copy.set(copy.subarray(donor.start + 4, donor.start + 8), start + 4);
    return copy;
  },
} satisfies Record<string, Mutation>;

export type MutationName = keyof typeof MUTATIONS;

const NAMES = Object.keys(MUTATIONS) as [MutationName, ...MutationName[]];

export interface Mutated {
  bytes: Buffer;
  steps: string[];
}

/** Sizes and counts, on which decoders fail most, are changed more often than the rest. */
const FAVOURITE: MutationName = 'editField';

/** Usually one mutation, at most four in sequence. */
export function mutate(bytes: Buffer, random: Random, other: Buffer): Mutated {
  const steps: string[] = [];
  let mutated = bytes;
  for (let n = random.pick([1, 1, 1, 2, 2, 4]); n > 0; n--) {
    const name = random.chance(0.3) ? FAVOURITE : random.pick(NAMES);
    steps.push(name);
    mutated = MUTATIONS[name](mutated, random, other);
  }
  // Most decoders stop at the first wrong checksum and would not reach what follows.
  if (sniffFormat(mutated) === 'png' && random.chance(0.8)) {
    steps.push('mendChecksums');
    mutated = mendChecksums(mutated);
  }
  return { bytes: mutated, steps };
}

function mendChecksums(png: Buffer): Buffer {
  const copy = Buffer.from(png);
  for (const { start, end } of partsOf(copy))
    copy.writeUInt32BE(crc32(copy.subarray(start + 4, end - 4)), end - 4);
  return copy;
}
