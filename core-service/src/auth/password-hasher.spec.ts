import { describe, expect, it, jest } from '@jest/globals';
import bcrypt from 'bcrypt';
import { PasswordHasher } from './password-hasher.js';

const hasher = new PasswordHasher({ BCRYPT_COST: 4, PASSWORD_HASH: 'bcrypt' });

describe('PasswordHasher', () => {
  it('knows a password again and no other', async () => {
    const hash = await hasher.hash('correct horse battery');
    expect(hash).toMatch(/^\$2b\$04\$/);
    expect(await hasher.matches('correct horse battery', hash)).toBe(true);
    expect(await hasher.matches('correct horse batterz', hash)).toBe(false);
  });

  it.each([71, 72, 73, 99])('tells two passwords apart that differ after byte %i', async (same) => {
    const [one, other] = ['a', 'b'].map((last) => 'x'.repeat(same) + last.repeat(100 - same));
    const hash = await hasher.hash(String(one));
    expect(await hasher.matches(String(one), hash)).toBe(true);
    expect(await hasher.matches(String(other), hash)).toBe(false);
  });

  it('reads past a NUL character', async () => {
    const hash = await hasher.hash('secret\0 and then some');
    expect(await hasher.matches('secret\0 and then more', hash)).toBe(false);
  });

  it('takes the same text in another Unicode form for the same password', async () => {
    const composed = 'caf\u00e9 au lait';
    const hash = await hasher.hash(composed);
    expect(await hasher.matches(composed.normalize('NFD'), hash)).toBe(true);
  });

  it('never matches when there is no account, and compares all the same', async () => {
    const compare = jest.spyOn(bcrypt, 'compare');
    try {
      expect(await hasher.matches('correct horse battery', undefined)).toBe(false);
      expect(compare).toHaveBeenCalledTimes(1);
      const [, hash] = compare.mock.calls[0] ?? [];
      expect(bcrypt.getRounds(String(hash))).toBe(4);
    } finally {
      compare.mockRestore();
    }
  });
});
