import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SecretBox } from './secret-box.js';

const JWT_SECRET = 'a secret of the tests alone: 0123456789abcdef';
const key = (id: string): [string, Buffer] => [id, randomBytes(32)];
const boxWith = (...keys: [string, Buffer][]) =>
  new SecretBox({ JWT_SECRET, ENCRYPTION_KEYS: new Map(keys) });

describe('SecretBox', () => {
  it('opens what it sealed, and never seals the same way twice', () => {
    const box = boxWith(key('one'));
    const [first, second] = [box.seal('whsec', 'row 1'), box.seal('whsec', 'row 1')];
    expect(box.open(first, 'row 1').toString()).toBe('whsec');
    expect(first).toMatch(/^one\./);
    expect(second).not.toBe(first);
  });

  it('opens for no other owner, and nothing that was changed', () => {
    const box = boxWith();
    const sealed = box.seal('whsec', 'row 1');
    expect(() => box.open(sealed, 'row 2')).toThrow();
    const at = sealed.length - 5;
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    expect(() => box.open(changed, 'row 1')).toThrow();
  });

  it('opens with older keys, those of JWT_SECRET included, and seals with the first', () => {
    const [old, young] = [key('old'), key('young')];
    const sealed = [boxWith(), boxWith(old)].map((box) => box.seal('whsec', 'row'));
    const box = boxWith(young, old);
    expect(sealed.map((one) => box.open(one, 'row').toString())).toEqual(['whsec', 'whsec']);
    expect(box.seal('whsec', 'row')).toMatch(/^young\./);
  });

  it('names the key that is missing', () => {
    const sealed = boxWith(key('gone')).seal('whsec', 'row');
    expect(() => boxWith().open(sealed, 'row')).toThrow('no key "gone"');
  });
});
