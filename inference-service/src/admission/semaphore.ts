import { Abandoned } from '../service-error.js';

interface Waiter {
  amount: number;
  go: () => void;
}

/** So much of something may be held at once; who wants more waits, first come first served. */
export class Semaphore {
  private inUse = 0;
  private readonly line: Waiter[] = [];

  constructor(private capacity: number) {}

  get held(): number {
    return this.inUse;
  }

  get waiting(): number {
    return this.line.length;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    this.wakeNext();
  }

  /**
   * Holds `amount` (the whole capacity when more is asked for) while `work` runs.
   *
   * @throws Abandoned when `signal` fires before `work` begins.
   */
  async hold<T>(amount: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(amount, this.capacity);
    await this.take(taken, signal);
    try {
      return await work();
    } finally {
      this.inUse -= taken;
      this.wakeNext();
    }
  }

  private take(amount: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(new Abandoned());
    if (this.line.length === 0 && this.inUse + amount <= this.capacity) {
      this.inUse += amount;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.line.splice(this.line.indexOf(waiter), 1);
        reject(new Abandoned());
        this.wakeNext();
      };
      const waiter: Waiter = {
        amount,
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.line.push(waiter);
    });
  }

  private wakeNext(): void {
    for (let next = this.line[0]; next; next = this.line[0]) {
      if (this.inUse + next.amount > this.capacity) return;
      this.inUse += next.amount;
      this.line.shift();
      next.go();
    }
  }
}
