import { ServiceError } from '../service-error.js';
import type { Ran, Task, TaskResult, TaskRunner } from '../stylize/task.js';
import { InferenceThread, spawnWorker, type SpawnWorker, ThreadDied } from './inference-thread.js';
import type { Batch, ThreadData } from './messages.js';
import { type Waiter, WaitingLine } from './waiting-line.js';

export interface ThreadPoolOptions {
  /** What every thread is started with. */
  engine: ThreadData;
  workers: number;
  /** Tasks of one size that run at once on a GPU; a CPU gains nothing by more than one. */
  batch?: number;
  /** Milliseconds that the first of a batch waits for the others. */
  batchWaitMs?: number;
  spawn?: SpawnWorker;
  /** A thread died and a new one is being started. */
  onRestart?: (cause: Error) => void;
  /** A thread could not be started anew: the pool is short of it for good. */
  onFatal?: (cause: Error) => void;
}

/** Threads that hold the network, and the tasks that wait for one, first come first served. */
export class ThreadPool implements TaskRunner {
  private readonly idle: InferenceThread[] = [];
  private readonly alive = new Set<InferenceThread>();
  private readonly line = new WaitingLine();
  private filling: NodeJS.Timeout | undefined;
  private stopping = false;

  private constructor(private readonly options: ThreadPoolOptions) {}

  /** @throws ThreadDied when the network cannot be loaded. */
  static async start(options: ThreadPoolOptions): Promise<ThreadPool> {
    const pool = new ThreadPool(options);
    try {
      await Promise.all(Array.from({ length: options.workers }, () => pool.add()));
      return pool;
    } catch (error) {
      await pool.stop();
      throw error;
    }
  }

  get size(): number {
    return this.options.workers * this.batch;
  }

  /** How many threads are up, and on what they run. */
  get state(): { engine: string; device: string; workers: number; threads: number } {
    const [any] = this.alive;
    const runtime = any?.runtime ?? { engine: 'none', device: 'none' };
    return { ...runtime, workers: this.alive.size, threads: this.options.engine.threads };
  }

  async run<T extends Task>(task: T, signal: AbortSignal): Promise<Ran<T>> {
    const outcome = this.line.join(task, signal);
    this.hand();
    const { result, ...times } = await outcome;
    return { result: result as TaskResult<T>, ...times };
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.filling);
    await Promise.all([...this.alive].map((thread) => thread.stop()));
  }

  private get batch(): number {
    return this.state.device === 'cpu' ? 1 : (this.options.batch ?? 1);
  }

  /** Gives what waits to whom is idle; lets a batch fill up for a moment first. */
  private hand(full = this.batch === 1): void {
    while (this.idle.length > 0 && this.line.length > 0) {
      if (!full && this.line.batchSize(this.batch) < this.batch) {
        this.filling ??= setTimeout(() => {
          this.filling = undefined;
          this.hand(true);
        }, this.options.batchWaitMs);
        return;
      }
      const thread = this.idle.shift();
      if (thread) void this.runOn(thread, this.line.take(this.batch));
    }
  }

  private async runOn(thread: InferenceThread, waiters: Waiter[]): Promise<void> {
    const began = performance.now();
    try {
      const tasks = waiters.map(({ task }) => task) as unknown as Batch;
      const { results, ranMs } = await thread.run(tasks);
      results.forEach((result, index) => {
        const { asked, resolve } = waiters[index] as Waiter;
        resolve({ result, waitedMs: began - asked, ranMs: ranMs / waiters.length });
      });
    } catch (cause) {
      waiters.forEach(({ reject }) => reject(failure(cause)));
    }
    if (this.alive.has(thread)) this.release(thread);
  }

  private release(thread: InferenceThread): void {
    this.idle.push(thread);
    this.hand();
  }

  private async add(): Promise<void> {
    const { engine, spawn = spawnWorker } = this.options;
    const thread = await InferenceThread.start(engine, spawn, (gone) => this.replace(gone));
    this.alive.add(thread);
    this.release(thread);
  }

  private replace(gone: InferenceThread): void {
    const wasUp = this.alive.delete(gone);
    const index = this.idle.indexOf(gone);
    if (index >= 0) this.idle.splice(index, 1);
    if (!wasUp || this.stopping) return;
    this.options.onRestart?.(new ThreadDied('An inference thread died.'));
    this.add().catch((cause: unknown) => this.options.onFatal?.(cause as Error));
  }
}

// No 503, by which callers are told that nothing was tried: the picture may be what killed it.
function failure(cause: unknown): ServiceError {
  return cause instanceof ThreadDied
    ? new ServiceError('INTERRUPTED', 'The inference was interrupted; try again.', { cause })
    : new ServiceError('INTERNAL', 'The inference failed.', { cause });
}
