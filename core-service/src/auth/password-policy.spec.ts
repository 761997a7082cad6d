import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../common/domain-error.js';
import { assertPasswordAllowed } from './password-policy.js';

const refusalOf = (password: string, email = 'ada@example.com') => {
  try {
    assertPasswordAllowed(password, email);
  } catch (error) {
    return error instanceof DomainError ? error.code : 'another error';
  }
  return 'allowed';
};

describe('password policy', () => {
  it.each([
    [9, 'WEAK_PASSWORD'],
    [10, 'allowed'],
    [128, 'allowed'],
    [129, 'WEAK_PASSWORD'],
  ])('a password of %i characters is %s', (length, verdict) => {
    expect(refusalOf('é'.repeat(length))).toBe(verdict);
    // Characters as people count them: each of these is two UTF-16 units and four bytes.
    expect(refusalOf('🎨'.repeat(length))).toBe(verdict);
  });

  it('asks for no kinds of characters', () => {
    expect(refusalOf('          ')).toBe('allowed');
    expect(refusalOf('correct horse battery')).toBe('allowed');
  });

  it('refuses a common password, in any case, and says why', () => {
    expect(refusalOf('Password123')).toBe('WEAK_PASSWORD');
    expect(() => assertPasswordAllowed('qwertyuiop', 'ada@example.com')).toThrow(/most common/);
  });

  it('refuses the e-mail address itself, in any case', () => {
    expect(refusalOf('Ada@Example.com')).toBe('WEAK_PASSWORD');
  });
});
