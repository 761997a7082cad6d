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

describe('PasswordHasher with Argon2id', () => {
  const argon2 = new PasswordHasher({ BCRYPT_COST: 4, PASSWORD_HASH: 'argon2id' });

  it("makes hashes in PHC's string format with OWASP's cost, each with a salt of its own", async () => {
    const [one, other] = [await argon2.hash('correct horse'), await argon2.hash('correct horse')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(other);
  });

  it('knows a password again in any Unicode form, and no other', async () => {
    const hash = await argon2.hash('caf\u00e9 au lait');
    expect(await argon2.matches('cafe\u0301 au lait', hash)).toBe(true);
    expect(await argon2.matches('cafe au lait', hash)).toBe(false);
    expect(await argon2.matches('cafe au lait', undefined)).toBe(false);
  });

  it('reads the hash of another implementation', async () => {
    // The reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32
    const hash =
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await argon2.matches('password', hash)).toBe(true);
    expect(argon2.isOutdated(hash)).toBe(true);
  });

  it('and without it know hashes of either kind, and which are outdated', async () => {
    const [bcryptHash, argonHash] = await Promise.all([hasher.hash('a'), argon2.hash('a')]);
    for (const either of [hasher, argon2])
      for (const hash of [bcryptHash, argonHash]) {
        expect(await either.matches('a', hash)).toBe(true);
        expect(await either.matches('b', hash)).toBe(false);
      }
    expect([bcryptHash, argonHash].map((hash) => hasher.isOutdated(hash))).toEqual([false, true]);
    expect([bcryptHash, argonHash].map((hash) => argon2.isOutdated(hash))).toEqual([true, false]);
    expect(hasher.isOutdated(await bcrypt.hash('a', 5))).toBe(true);
  });
});
