import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RecurringChores } from './recurring-chores.js';

/** Chores whose items and duration a test chooses. */
class Chores extends RecurringChores {
  todo: number[] = [];
  rounds = 0;
  work: (item: number) => Promise<void> = () => Promise.resolve();

  async run(): Promise<void> {
    await this.each(
      10,
      (limit) => {
        this.rounds++;
        return Promise.resolve(this.todo.slice(0, limit));
      },
      async (item) => {
        await this.work(item);
        this.todo = this.todo.filter((other) => other !== item);
      },
    );
  }

  deleteAll(batch: () => Promise<number>): Promise<void> {
    return this.drain(10, batch);
  }
}

describe('recurring chores', () => {
  let chores: Chores;
  beforeEach(() => {
    jest.useFakeTimers();
    Logger.overrideLogger(false);
    chores = new Chores();
    chores.todo = Array.from({ length: 35 }, (_, i) => i);
  });
  afterEach(async () => {
    await chores.onModuleDestroy();
    jest.useRealTimers();
  });

  it('work off a backlog of more than one batch', async () => {
    await chores.run();
    expect(chores.todo).toEqual([]);
    expect(chores.rounds).toBe(4);
  });

  it('go on past what fails, and leave it for the next turn', async () => {
    chores.work = (item) => (item % 5 === 0 ? Promise.reject(new Error('not now')) : tick(0));
    await chores.run();
    expect(chores.todo).toEqual([0, 5, 10, 15, 20, 25, 30]);
  });

  it('give up when nothing of a full batch works', async () => {
    chores.work = () => Promise.reject(new Error('not now'));
    await chores.run();
    expect(chores.rounds).toBe(1);
  });

  it('leave the rest of a long backlog for the next turn', async () => {
    chores.work = () => tick(1_500);
    await chores.run();
    expect(chores.todo).toHaveLength(21);

    const batch = jest.fn(async () => {
      await tick(9_000);
      return 10;
    });
    await chores.deleteAll(batch);
    expect(batch).toHaveBeenCalledTimes(3);
  });

  it('delete in batches until one is not full', async () => {
    const counts = [10, 10, 4, 10];
    const batch = jest.fn(() => Promise.resolve(counts.shift() ?? 0));
    await chores.deleteAll(batch);
    expect(counts).toEqual([10]);
  });

  it('are not begun again while they are still at it, and end early when the process stops', async () => {
    let release = (): void => undefined;
    chores.work = () => new Promise((resolve) => (release = resolve));
    chores.start();
    await jest.advanceTimersByTimeAsync(180_000);
    expect(chores.rounds).toBe(1);
    const stopped = chores.onModuleDestroy();
    release();
    await stopped;
    expect(chores.todo).toHaveLength(34);
  });
});

/** Advances the clock. */
async function tick(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}
