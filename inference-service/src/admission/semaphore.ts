import { ClientGone } from '../errors.js';

interface Waiter {
  amount: number;
  go: () => void;
}

/** A counting semaphore with weights; waiters are served first in, first out. */
export class Semaphore {
  private inUse = 0;
  private readonly queue: Waiter[] = [];

  constructor(private capacity: number) {}

  get held(): number {
    return this.inUse;
  }

  get waiting(): number {
    return this.queue.length;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    this.wakeNext();
  }

  /**
   * Holds `amount` (at most the whole capacity) while `work` runs.
   *
   * @throws ClientGone when `signal` fires before `work` begins.
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
    if (signal.aborted) return Promise.reject(new ClientGone());
    if (this.queue.length === 0 && this.inUse + amount <= this.capacity) {
      this.inUse += amount;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.queue.splice(this.queue.indexOf(waiter), 1);
        reject(new ClientGone());
        this.wakeNext();
      };
      const waiter: Waiter = {
        amount,
        go: () => {
          signal.removeEventListener('abort', cancel);
          resolve();
        },
      };
      signal.addEventListener('abort', cancel, { once: true });
      this.queue.push(waiter);
    });
  }

  private wakeNext(): void {
    for (let next = this.queue[0]; next; next = this.queue[0]) {
      if (this.inUse + next.amount > this.capacity) return;
      this.inUse += next.amount;
      this.queue.shift();
      next.go();
    }
  }
}
