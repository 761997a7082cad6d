import { Worker } from 'node:worker_threads';
import type { EngineOptions } from '../engine/create-engine.js';
import { ServiceError } from '../errors.js';
import {
  type Batch,
  type Ran,
  type Result,
  type Task,
  type TaskResult,
  type TaskRunner,
  transferablesOf,
} from '../stylize/task.js';
import { execArgv, extension } from './spawn-options.js';
import { type QueuedTask, TaskQueue } from './task-queue.js';
import type { WorkerMessage } from './worker.js';

export type SpawnWorker = (data: EngineOptions) => Worker;

export const spawnWorker: SpawnWorker = (workerData) =>
  new Worker(new URL(`./worker${extension}`, import.meta.url), { workerData, execArgv });

export interface ThreadPoolOptions {
  engine: EngineOptions;
  workers: number;
  /** Tasks of one size that run at once on a GPU; on a CPU batches are no faster. */
  batch?: number;
  /** Milliseconds that the first of a batch waits for the others. */
  batchWaitMs?: number;
  spawn?: SpawnWorker;
  /** A thread died and is being replaced. */
  onRestart?: (cause: Error) => void;
  /** A thread could not be replaced: the pool stays smaller. */
  onFatal?: (cause: Error) => void;
}

/** Threads with the network loaded, and a first-in, first-out queue of tasks. */
export class ThreadPool implements TaskRunner {
  private readonly idle: InferenceThread[] = [];
  private readonly alive = new Set<InferenceThread>();
  private readonly queue = new TaskQueue();
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

  /** How many threads are up, and what they run on. */
  get state(): { engine: string; device: string; workers: number; threads: number } {
    const [any] = this.alive;
    const runtime = any?.runtime ?? { engine: 'none', device: 'none' };
    return { ...runtime, workers: this.alive.size, threads: this.options.engine.threads };
  }

  async run<T extends Task>(task: T, signal: AbortSignal): Promise<Ran<T>> {
    const outcome = this.queue.add(task, signal);
    this.dispatch();
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

  /** Starts queued tasks on idle threads; waits a moment for a batch to fill. */
  private dispatch(full = this.batch === 1): void {
    while (this.idle.length > 0 && this.queue.length > 0) {
      if (!full && this.queue.batchSize(this.batch) < this.batch) {
        this.filling ??= setTimeout(() => {
          this.filling = undefined;
          this.dispatch(true);
        }, this.options.batchWaitMs);
        return;
      }
      const thread = this.idle.shift();
      if (thread) void this.runOn(thread, this.queue.take(this.batch));
    }
  }

  private async runOn(thread: InferenceThread, queued: QueuedTask[]): Promise<void> {
    const began = performance.now();
    try {
      const tasks = queued.map(({ task }) => task) as unknown as Batch;
      const { results, ranMs } = await thread.run(tasks);
      results.forEach((result, index) => {
        const { queuedAt, resolve } = queued[index] as QueuedTask;
        resolve({ result, waitedMs: began - queuedAt, ranMs: ranMs / queued.length });
      });
    } catch (cause) {
      queued.forEach(({ reject }) => reject(failure(cause)));
    }
    if (this.alive.has(thread)) this.release(thread);
  }

  private release(thread: InferenceThread): void {
    this.idle.push(thread);
    this.dispatch();
  }

  private async add(): Promise<void> {
    const { engine, spawn = spawnWorker } = this.options;
    const thread = await InferenceThread.start(engine, spawn, (ended) => this.replace(ended));
    this.alive.add(thread);
    this.release(thread);
  }

  private replace(ended: InferenceThread): void {
    const wasUp = this.alive.delete(ended);
    const index = this.idle.indexOf(ended);
    if (index >= 0) this.idle.splice(index, 1);
    if (!wasUp || this.stopping) return;
    this.options.onRestart?.(new ThreadDied('An inference thread died.'));
    this.add().catch((cause: unknown) => this.options.onFatal?.(cause as Error));
  }
}

// Not 503, which tells clients that nothing was attempted: the image itself may have killed the thread.
function failure(cause: unknown): ServiceError {
  return cause instanceof ThreadDied
    ? new ServiceError('INTERRUPTED', 'The inference was interrupted; try again.', { cause })
    : new ServiceError('INTERNAL', 'The inference failed.', { cause });
}

/** The thread ended before it answered, by itself or by {@link InferenceThread.stop}. */
export class ThreadDied extends Error {
  override readonly name = 'ThreadDied';
}

type Ready = Extract<WorkerMessage, { kind: 'ready' }>;
type Answer = Exclude<WorkerMessage, Ready>;

/** A thread that has the network loaded and runs one batch at a time. */
class InferenceThread {
  runtime = { engine: 'none', device: 'none' };
  private readonly started = Promise.withResolvers<Ready>();
  private pending: PromiseWithResolvers<Answer> | undefined;

  private constructor(
    private readonly worker: Worker,
    onExit: (thread: InferenceThread) => void,
  ) {
    let cause: unknown;
    worker.on('message', (message: WorkerMessage) => this.receive(message));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', (code) => {
      const died = new ThreadDied(`An inference thread ended with code ${code}.`, { cause });
      this.started.reject(died);
      this.pending?.reject(died);
      onExit(this);
    });
  }

  /**
   * @param onExit called once when the thread has ended, for any reason.
   * @throws ThreadDied when the network cannot be loaded; its cause says why.
   */
  static async start(
    data: EngineOptions,
    spawn: SpawnWorker,
    onExit: (thread: InferenceThread) => void,
  ): Promise<InferenceThread> {
    const thread = new InferenceThread(spawn(data), onExit);
    const { engine, device } = await thread.started.promise;
    thread.runtime = { engine, device };
    return thread;
  }

  /**
   * Call only when the last run has settled.
   *
   * @throws ThreadDied
   * @throws Error when the network fails; the thread stays usable.
   */
  async run(batch: Batch): Promise<{ results: Result[]; ranMs: number }> {
    this.pending = Promise.withResolvers<Answer>();
    this.worker.postMessage(batch, transferablesOf(batch));
    const answer = await this.pending.promise;
    if (answer.kind === 'failed') throw new Error(answer.message);
    return answer;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private receive(message: WorkerMessage): void {
    if (message.kind === 'ready') this.started.resolve(message);
    else this.pending?.resolve(message);
  }
}
