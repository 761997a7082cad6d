import { describe, expect, it } from '@jest/globals';
import { solve } from '../../../test/support/proof-of-work.js';
import { newChallenge, readProof, zeroBits } from './proof-of-work.js';

const SECRET = 'a secret of this test';
const BITS = 8;

describe('a proof of work', () => {
  const { challenge, expiresAt } = newChallenge(BITS, SECRET, 60_000);
  const proof = solve(challenge, BITS);

  it('is accepted if its hash begins with enough zero bits', () => {
    expect(readProof(proof, BITS, SECRET)).toEqual({ nonce: challenge.split('.')[2], expiresAt });
  });

  it.each<[string, () => string]>([
    ['whose work was not done', () => unsolved(challenge)],
    [
      'of a challenge with fewer bits',
      () => {
        const easy = newChallenge(1, SECRET, 60_000).challenge;
        return solve(easy, BITS);
      },
    ],
    [
      'of a challenge that somebody else signed',
      () => solve(newChallenge(BITS, 'x', 60_000).challenge, BITS),
    ],
    ['that has expired', () => solve(newChallenge(BITS, SECRET, -1).challenge, BITS)],
    [
      'whose expiry was moved',
      () => {
        const [bits, expiry, ...rest] = challenge.split('.');
        return solve([bits, Number(expiry) + 60_000, ...rest].join('.'), BITS);
      },
    ],
    ['without a counter', () => challenge],
    ['with a counter of other signs', () => `${challenge}:\u0000`],
    ['that is garbage', () => 'garbage'],
    ['that is empty', () => ''],
  ])('is refused %s', (_what, make) => {
    expect(readProof(make(), BITS, SECRET)).toBeUndefined();
  });

  it.each([
    ['ff', 0],
    ['7f', 1],
    ['01', 7],
    ['0080', 8],
    ['000001', 23],
    ['0000', 16],
  ])('of the hash %s has %i zero bits', (hash, bits) => {
    expect(zeroBits(Buffer.from(hash, 'hex'))).toBe(bits);
  });
});

function unsolved(challenge: string): string {
  for (let counter = 0; ; counter++)
    if (!readProof(`${challenge}:${counter}`, BITS, SECRET)) return `${challenge}:${counter}`;
}
