import { describe, expect, it } from '@jest/globals';
import { isWellFormed, looksLikeKey, makeKey, prefixOf } from './api-key.js';

describe('an API key', () => {
  it('has a mark, 43 random characters and a checksum, and is never the same', () => {
    const keys = Array.from({ length: 100 }, () => makeKey());
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) {
      expect(key).toMatch(/^stz_live_[0-9A-Za-z]{49}$/);
      expect(isWellFormed(key)).toBe(true);
      expect(prefixOf(key)).toMatch(/^stz_live_[0-9A-Za-z]{6}$/);
    }
  });

  it('has a checksum that others can compute: the CRC-32 of what goes before, in base62', () => {
    const secret = 'stz_live_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg';
    expect(isWellFormed(`${secret}3N89uQ`)).toBe(true);
  });

  it('is refused with any one character changed, lost or added', () => {
    const key = makeKey();
    for (let at = 'stz_live_'.length; at < key.length; at++) {
      const other = key[at] === 'x' ? 'y' : 'x';
      expect(isWellFormed(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
    }
    expect(isWellFormed(key.slice(0, -1))).toBe(false);
    expect(isWellFormed(`${key}0`)).toBe(false);
    expect(isWellFormed(`${key}\n`)).toBe(false);
    expect(isWellFormed(key.replace('live', 'test'))).toBe(false);
  });

  it('is told from an access token by its beginning', () => {
    expect(looksLikeKey(makeKey())).toBe(true);
    expect(looksLikeKey('eyJhbGciOiJIUzI1NiJ9.e30.c2ln')).toBe(false);
  });
});
