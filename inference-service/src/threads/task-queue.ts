import { ClientGone } from '../errors.js';
import type { Result, Task } from '../stylize/task.js';

export interface Outcome {
  result: Result;
  waitedMs: number;
  ranMs: number;
}

/** A task that waits for a thread. */
export interface QueuedTask {
  task: Task;
  queuedAt: number;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/** First in, first out. A task whose client disconnects is removed. */
export class TaskQueue {
  private readonly tasks: QueuedTask[] = [];

  get length(): number {
    return this.tasks.length;
  }

  add(task: Task, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.reject(new ClientGone());
    return new Promise((resolve, reject) => {
      const cancel = () => {
        const index = this.tasks.indexOf(queued);
        if (index < 0) return;
        this.tasks.splice(index, 1);
        reject(new ClientGone());
      };
      const queued: QueuedTask = {
        task,
        queuedAt: performance.now(),
        resolve: (outcome) => {
          signal.removeEventListener('abort', cancel);
          resolve(outcome);
        },
        reject: (error) => {
          signal.removeEventListener('abort', cancel);
          reject(error);
        },
      };
      signal.addEventListener('abort', cancel, { once: true });
      this.tasks.push(queued);
    });
  }

  /** How many tasks, up to `most`, can run together with the first one. */
  batchSize(most: number): number {
    return Math.min(most, this.batch().length);
  }

  /** Removes the first task and those that can run with it, up to `most` in all. */
  take(most: number): QueuedTask[] {
    const taken = this.batch().slice(0, most);
    for (const queued of taken) this.tasks.splice(this.tasks.indexOf(queued), 1);
    return taken;
  }

  private batch(): QueuedTask[] {
    const [first] = this.tasks;
    if (!first) return [];
    const key = batchKey(first.task);
    return key ? this.tasks.filter(({ task }) => batchKey(task) === key) : [first];
  }
}

/** Tasks with the same key run as a batch; undefined runs alone. */
function batchKey(task: Task): string | undefined {
  if (task.kind !== 'stylize') return undefined;
  const { content, statistics } = task;
  return `${content.width} x ${content.height} ${statistics ? 'tile' : 'whole'}`;
}
