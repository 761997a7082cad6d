import { createHash } from 'node:crypto';

/** As a client would find it. */
export function solve(challenge: string, bits: number, from = 0): string {
  for (let counter = from; ; counter++) {
    const proof = `${challenge}:${counter}`;
    const hash = BigInt(`0x${createHash('sha256').update(proof).digest('hex')}`);
    if (hash >> BigInt(256 - bits) === 0n) return proof;
  }
}
