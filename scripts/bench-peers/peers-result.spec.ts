import { describe, expect, it } from '@jest/globals';
import { ratioOf, timeOf } from './peers-result.js';

const size = {
  side: 256,
  turns: [
    { name: 'a', turns: [10, 30, 11] },
    { name: 'b', turns: [20, 60, 33] },
    { name: 'c', error: 'out of memory' },
  ],
};

describe('networks that took turns', () => {
  it('have the median of their turns as their time', () => {
    expect(timeOf(size, 'a')).toBe(11);
  });

  it('are compared within a round, where both met the same noise', () => {
    expect(ratioOf(size, 'b', 'a')).toBe(2);
  });

  it('have no figures when they failed or never ran', () => {
    expect(timeOf(size, 'c')).toBeUndefined();
    expect(ratioOf(size, 'c', 'a')).toBeUndefined();
    expect(ratioOf(size, 'd', 'a')).toBeUndefined();
  });
});
