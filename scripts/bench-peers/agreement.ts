import { readFileSync } from 'node:fs';

/** Allowed difference, relative to the largest value. */
const TOLERANCE = 1e-3;
const LEVELS = 255;

/**
 * Checks that two implementations of one network return the same result for one photograph.
 *
 * @throws Error with the largest difference.
 */
export function checkAgreement(names: string, expected: Float32Array, actual: Float32Array): void {
  // Rounding to bytes adds half a level.
  const rounded = [expected, actual].filter(endsInBytes).length;
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const allowed = TOLERANCE * largest + (rounded * 0.5) / LEVELS;
  const worst = expected.reduce(
    (max, value, i) => Math.max(max, Math.abs(value - (actual[i] ?? Infinity))),
    0,
  );
  // Negated so that NaN fails too.
  if (!(expected.length === actual.length && worst <= allowed))
    throw new Error(`${names} differ by up to ${worst}; ${allowed} is allowed.`);
}

const endsInBytes = (values: Float32Array) =>
  values.every((v) => Math.abs(v * LEVELS - Math.round(v * LEVELS)) < TOLERANCE);

export function readPlanes(path: string): Float32Array {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
