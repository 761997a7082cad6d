import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSafetensors } from './weights.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function read(header: unknown, numbers: number[], headerLength?: number) {
  // An odd length, so that the numbers lie where float32 may not.
  const text = `${JSON.stringify(header)}${' '.repeat(JSON.stringify(header).length % 2 ? 2 : 1)}`;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerLength ?? text.length));
  const path = join(dir, 'weights.safetensors');
  const data = Buffer.from(new Float32Array(numbers).buffer);
  writeFileSync(path, Buffer.concat([length, Buffer.from(text), data]));
  return readSafetensors(path);
}

const entry = (shape: number[], from: number, to: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe('safetensors', () => {
  it('are read by name, with their shapes', () => {
    const header = { __metadata__: { format: 'pt' }, b: entry([2, 2], 4, 20), a: entry([], 0, 4) };
    const weights = read(header, [1, 2, 3, 4, 5]);
    expect([...weights.keys()]).toEqual(['b', 'a']);
    expect(weights.get('a')).toEqual({ shape: [], values: Float32Array.of(1) });
    expect(weights.get('b')).toEqual({ shape: [2, 2], values: Float32Array.of(2, 3, 4, 5) });
  });

  it.each<[string, unknown, number | undefined, string]>([
    ['another type', { a: entry([1], 0, 2, 'F16') }, undefined, 'dtype'],
    ['numbers that are not there', { a: entry([9], 0, 36) }, undefined, 'a does not have its 9'],
    ['a wrong length', { a: entry([2], 0, 4) }, undefined, 'a does not have its 2'],
    ['a header that is cut off', { a: entry([1], 0, 4) }, 1_000, 'its header is cut off'],
    ['a header that is no JSON', { a: entry([1], 0, 4) }, 5, 'not a safetensors file'],
  ])('with %s are refused', (_, header, length, reason) => {
    expect(() => read(header, [1], length)).toThrow(reason);
  });
});
