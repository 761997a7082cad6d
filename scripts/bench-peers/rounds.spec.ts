import { describe, expect, it } from '@jest/globals';
import { rounds } from './rounds.js';

const LIMITS = { budgetMs: 0, fewest: 2, most: 5 };

describe('rounds', () => {
  it('let all take turns after a warm-up that does not count', async () => {
    const order: string[] = [];
    const runner = (name: string, ms: number) => ({
      name,
      run: async (runs: number) => {
        order.push(`${name}${runs}`);
        return Array<number>(runs).fill(order.length < 4 ? 5_000 : ms);
      },
    });
    const turns = await rounds([runner('a', 3_000), runner('b', 100)], LIMITS);
    expect(order).toEqual(['a1', 'b1', 'a1', 'b1', 'a1', 'b1']);
    expect(turns).toEqual([
      { name: 'a', turns: [5_000, 3_000] },
      { name: 'b', turns: [100, 100] },
    ]);
  });

  it('let a fast network run several times per turn', async () => {
    const asked: number[] = [];
    const run = async (runs: number) => {
      asked.push(runs);
      return Array<number>(runs).fill(50);
    };
    await rounds([{ name: 'fast', run }], LIMITS);
    expect(asked).toEqual([1, 1, 4, 4]);
  });

  it('skip a failed network and report the reason', async () => {
    const failing = { name: 'a', run: () => Promise.reject(new Error('out of memory')) };
    const fine = { name: 'b', run: async () => [1] };
    expect(await rounds([failing, fine], LIMITS)).toEqual([
      { name: 'a', error: 'out of memory' },
      { name: 'b', turns: [1, 1] },
    ]);
  });
});
