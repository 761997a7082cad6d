import { beforeAll, describe, expect, it } from '@jest/globals';
import { fieldsOf, partsOf } from './anatomy.js';
import { makeCase } from './case.js';
import { type Mutation, MUTATIONS, mutate } from './mutations.js';
import { Random } from './random.js';
import { type Specimen, specimens } from './specimens.js';

let made: [Specimen, ...Specimen[]];

beforeAll(async () => {
  made = await specimens();
});

const bytesOf = (kind: string) =>
  made.find((specimen) => specimen.kind === kind)?.bytes ?? Buffer.alloc(0);

describe('Random', () => {
  it('returns the same numbers for the same seed, and others for another', () => {
    const first = (seed: number, stream: number) => {
      const random = new Random(seed, stream);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(first(1, 2)).toEqual(first(1, 2));
    expect(new Set([...first(1, 2), ...first(1, 3), ...first(2, 2)]).size).toBe(60);
  });

  it('stays within its bounds and reaches all of them', () => {
    const random = new Random(7);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(10)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([random.below(1), random.below(0)]).toEqual([0, 0]);
  });
});

describe('makeCase', () => {
  it('makes the same case for the same seed and index', async () => {
    const again = await specimens();
    for (let index = 0; index < 200; index++) {
      const { bytes, ...rest } = makeCase(made, 5, index);
      const { bytes: sameBytes, ...same } = makeCase(again, 5, index);
      expect(bytes.equals(sameBytes)).toBe(true);
      expect(rest).toEqual(same);
    }
  });

  it('makes different cases for different indices and seeds', () => {
    const cases = Array.from({ length: 100 }, (_, index) => makeCase(made, 5, index));
    const others = Array.from({ length: 100 }, (_, index) => makeCase(made, 6, index));
    const distinct = new Set([...cases, ...others].map(({ bytes }) => bytes.toString('base64')));
    expect(distinct.size).toBeGreaterThan(180);
  });
});

describe('a mutation', () => {
  it.each(Object.entries<Mutation>(MUTATIONS))(
    'does not change its input and is repeatable: %s',
    (_name, mutation) => {
      for (const { bytes } of made) {
        const before = Buffer.from(bytes);
        const other = bytesOf('gif');
        const once = mutation(bytes, new Random(1), other);
        const again = mutation(bytes, new Random(1), other);
        expect(bytes.equals(before)).toBe(true);
        expect(once.equals(again)).toBe(true);
      }
    },
  );

  it('can be applied to its own output repeatedly, down to an empty file', () => {
    for (const { bytes } of made) {
      const random = new Random(bytes.length);
      let mutated = bytes;
      for (let round = 0; round < 40; round++)
        ({ bytes: mutated } = mutate(mutated, random, bytes));
      mutate(Buffer.alloc(0), random, bytes);
    }
  });
});

describe('the anatomy of a file', () => {
  it.each(['jpeg baseline', 'png 8-bit', 'webp lossy', 'avif'])('has parts: %s', (kind) => {
    expect(partsOf(bytesOf(kind)).length).toBeGreaterThan(0);
  });

  it.each([
    ['png 8-bit', 16, 96],
    ['png 8-bit', 20, 64],
    ['gif', 6, 96],
    ['gif', 8, 64],
  ])('lists its size among its fields: %s', (kind, at, value) => {
    const bytes = bytesOf(kind);
    const found = fieldsOf(bytes).find((field) => field.at === at);
    expect(found).toBeDefined();
    const { bytes: size = 1, littleEndian = false } = found ?? {};
    expect(littleEndian ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size)).toBe(value);
  });
});
