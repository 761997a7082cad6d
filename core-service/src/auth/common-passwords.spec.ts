import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BloomFilter, HASHES } from './bloom-filter.js';
import { COMMON_PASSWORDS, isCommon } from './common-passwords.js';

describe('common passwords', () => {
  it.each([
    '1234567890',
    'qwertyuiop',
    '1q2w3e4r5t',
    'basketball',
    'Password123',
    'ＰＡＳＳＷＯＲＤ123',
  ])('include %s', (password) => {
    expect(isCommon(password)).toBe(true);
  });

  it.each(['correct horse battery', 'another horse battery', 'a horse with wings'])(
    'do not include %s',
    (password) => {
      expect(isCommon(password)).toBe(false);
    },
  );

  it('do not include what is made at random', () => {
    const strangers = Array.from({ length: 50_000 }, () => randomBytes(9).toString('base64'));
    expect(strangers.filter(isCommon)).toEqual([]);
  });

  it('are in a small file that takes a stranger for one of them less than once in ten million', () => {
    const bytes = readFileSync(COMMON_PASSWORDS);
    expect(bytes.length).toBeLessThan(20_000);
    const set = bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect((set / (bytes.length * 8)) ** HASHES).toBeLessThan(1e-7);
  });
});

describe('a Bloom filter', () => {
  it('knows each of its members', () => {
    const members = new Set(Array.from({ length: 1_000 }, (_, i) => `member ${i}`));
    const filter = BloomFilter.of(members);
    expect([...members].filter((member) => !filter.has(member))).toEqual([]);
  });
});
