import { describe, expect, it } from '@jest/globals';
import type { ImageFacts } from '@stylizer/common';
import { DecodingTurns } from './decoding-turns.js';

const facts = { format: 'jpeg', width: 10_000, height: 10_000, streamable: false } as const;
const large: ImageFacts = facts;
const small: ImageFacts = { ...facts, width: 5_000, height: 5_000 };
const streamable: ImageFacts = { ...facts, streamable: true };
const avif: ImageFacts = { ...facts, format: 'heif', width: 3_000, height: 2_000 };

/** Pictures that are decoded until the test says otherwise; who has begun, in order. */
function pictures(turns: DecodingTurns) {
  const begun: string[] = [];
  const add = (name: string, facts: ImageFacts) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const done = turns.run(facts, () => {
      begun.push(name);
      return promise;
    });
    return { done, finish: () => resolve(name) };
  };
  return { begun, add };
}

/** Everything that can begin has begun. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('decoding takes turns', () => {
  it('one large picture at a time, whatever the cores', async () => {
    const { begun, add } = pictures(new DecodingTurns(8));
    const [first, second, third] = [add('a', large), add('b', large), add('c', avif)];
    await settled();
    expect(begun).toEqual(['a']);
    first.finish();
    expect(await first.done).toBe('a');
    await settled();
    expect(begun).toEqual(['a', 'b']);
    second.finish();
    third.finish();
    expect(await third.done).toBe('c');
  });

  it('with small ones and those decoded row by row going by on the other cores, as many as there are', async () => {
    const { begun, add } = pictures(new DecodingTurns(3));
    const picture = add('large', large);
    await settled();
    for (const name of ['a', 'b']) add(name, small).finish();
    add('c', streamable).finish();
    add('waits for the large one', large);
    await settled();
    expect(begun).toEqual(['large', 'a', 'b', 'c']);
    picture.finish();
    await settled();
    expect(begun).toHaveLength(5);
  });

  it('and on when one could not be decoded', async () => {
    const turns = new DecodingTurns(1);
    await expect(turns.run(large, () => Promise.reject(new Error('damaged')))).rejects.toThrow();
    expect(await turns.run(large, () => Promise.resolve('next'))).toBe('next');
  });
});
