import { Abandoned } from '../service-error.js';
import type { Task } from '../stylize/task.js';
import type { Result } from './messages.js';

export interface Outcome {
  result: Result;
  waitedMs: number;
  ranMs: number;
}

/** A task that waits for a thread, and who waits for it. */
export interface Waiter {
  task: Task;
  asked: number;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/** Tasks in the order they came. One that nobody waits for any more leaves by itself. */
export class WaitingLine {
  private readonly line: Waiter[] = [];

  get length(): number {
    return this.line.length;
  }

  /** Fulfilled with what the thread makes of it. */
  join(task: Task, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.reject(new Abandoned());
    return new Promise((resolve, reject) => {
      const leave = () => {
        const index = this.line.indexOf(waiter);
        if (index < 0) return;
        this.line.splice(index, 1);
        reject(new Abandoned());
      };
      const waiter: Waiter = {
        task,
        asked: performance.now(),
        resolve: (outcome) => {
          signal.removeEventListener('abort', leave);
          resolve(outcome);
        },
        reject: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.line.push(waiter);
    });
  }

  /** How many there are, up to `most`, that can run with the first. */
  batchSize(most: number): number {
    return Math.min(most, this.batch().length);
  }

  /** The first, and up to `most` in all that can run with it. */
  take(most: number): Waiter[] {
    const taken = this.batch().slice(0, most);
    for (const waiter of taken) this.line.splice(this.line.indexOf(waiter), 1);
    return taken;
  }

  private batch(): Waiter[] {
    const [first] = this.line;
    if (!first) return [];
    const key = batchKey(first.task);
    return key ? this.line.filter(({ task }) => batchKey(task) === key) : [first];
  }
}

/** Tasks of one key run as a batch; undefined runs alone. */
function batchKey(task: Task): string | undefined {
  if (task.kind !== 'stylize') return undefined;
  const { content, statistics } = task;
  return `${content.width} x ${content.height} ${statistics ? 'tile' : 'whole'}`;
}
