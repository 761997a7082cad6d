import { describe, expect, it } from '@jest/globals';
import { ClientGone } from '../errors.js';
import { Semaphore } from './semaphore.js';

const never = new AbortController().signal;

/** Work that ends when told to. */
function errand(semaphore: Semaphore, amount: number, signal = never) {
  const end = Promise.withResolvers<undefined>();
  const state = { began: false };
  const done = semaphore.hold(amount, signal, () => {
    state.began = true;
    return end.promise;
  });
  done.catch(() => undefined);
  return { state, done, end: () => end.resolve(undefined) };
}

describe('Semaphore', () => {
  it('admits what fits and queues the rest in order', async () => {
    const semaphore = new Semaphore(10);
    const first = errand(semaphore, 8);
    const second = errand(semaphore, 5);
    const third = errand(semaphore, 1);
    expect([first, second, third].map(({ state }) => state.began)).toEqual([false, false, false]);
    await Promise.resolve();
    expect([first, second, third].map(({ state }) => state.began)).toEqual([true, false, false]);
    first.end();
    await first.done;
    second.end();
    await second.done;
    third.end();
    await third.done;
    expect([semaphore.held, semaphore.waiting]).toEqual([0, 0]);
  });

  it('grants the whole capacity to a larger request', async () => {
    const semaphore = new Semaphore(10);
    expect(await semaphore.hold(1_000, never, () => Promise.resolve(semaphore.held))).toBe(10);
  });

  it('releases what failed work held', async () => {
    const semaphore = new Semaphore(1);
    const failing = semaphore.hold(1, never, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(semaphore.held).toBe(0);
  });

  it('lets a waiter cancel, and those behind it move up', async () => {
    const semaphore = new Semaphore(2);
    const leaving = new AbortController();
    const first = errand(semaphore, 1);
    const big = errand(semaphore, 2, leaving.signal);
    const small = errand(semaphore, 1);
    leaving.abort();
    await expect(big.done).rejects.toThrow(ClientGone);
    small.end();
    await small.done;
    first.end();
    await first.done;
    expect(big.state.began).toBe(false);
  });

  it('rejects a waiter whose signal has already fired', async () => {
    const semaphore = new Semaphore(1);
    const gone = errand(semaphore, 1, AbortSignal.abort());
    await expect(gone.done).rejects.toThrow(ClientGone);
    expect(semaphore.held).toBe(0);
  });
});
