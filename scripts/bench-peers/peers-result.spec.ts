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

describe('the results of networks that take turns', () => {
  it('use the median of the turns as the time', () => {
    expect(timeOf(size, 'a')).toBe(11);
  });

  it('compare networks within a round, with the same noise for both', () => {
    expect(ratioOf(size, 'b', 'a')).toBe(2);
  });

  it('have no figures for a network that failed or never ran', () => {
    expect(timeOf(size, 'c')).toBeUndefined();
    expect(ratioOf(size, 'c', 'a')).toBeUndefined();
    expect(ratioOf(size, 'd', 'a')).toBeUndefined();
  });
});
