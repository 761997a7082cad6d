import { Abandoned, ServiceError } from '../service-error.js';
import type { Ran, Task, TaskRunner } from '../stylize/task.js';
import { InferenceThread, spawnWorker, type SpawnWorker, ThreadDied } from './inference-thread.js';
import type { ThreadData } from './messages.js';

export interface ThreadPoolOptions extends ThreadData {
  workers: number;
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
  private readonly waiting: ((thread: InferenceThread) => void)[] = [];
  private stopping = false;

  private constructor(private readonly options: ThreadPoolOptions) {}

  /** @throws ThreadDied when the network cannot be loaded. */
  static async start(options: ThreadPoolOptions): Promise<ThreadPool> {
    const pool = new ThreadPool(options);
    await Promise.all(Array.from({ length: options.workers }, () => pool.add()));
    return pool;
  }

  get size(): number {
    return this.options.workers;
  }

  /** How many threads are up, and on what they run. */
  get state(): { engine: string; device: string; workers: number; threads: number } {
    const [any] = this.alive;
    const runtime = any?.runtime ?? { engine: 'none', device: 'none' };
    return { ...runtime, workers: this.alive.size, threads: this.options.threads };
  }

  async run<T extends Task>(task: T, signal: AbortSignal): Promise<Ran<T>> {
    const asked = performance.now();
    const thread = await this.free(signal);
    const waitedMs = performance.now() - asked;
    try {
      return { ...(await thread.run(task)), waitedMs };
    } catch (cause) {
      // No 503, by which callers are told that nothing was tried: the picture may be what killed it.
      throw cause instanceof ThreadDied
        ? new ServiceError('INTERRUPTED', 'The inference was interrupted; try again.', { cause })
        : new ServiceError('INTERNAL', 'The inference failed.', { cause });
    } finally {
      if (this.alive.has(thread)) this.release(thread);
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.alive].map((thread) => thread.stop()));
  }

  private free(signal: AbortSignal): Promise<InferenceThread> {
    if (signal.aborted) return Promise.reject(new Abandoned());
    const thread = this.idle.shift();
    if (thread) return Promise.resolve(thread);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(take), 1);
        reject(new Abandoned());
      };
      const take = (freed: InferenceThread) => {
        signal.removeEventListener('abort', leave);
        resolve(freed);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(take);
    });
  }

  private release(thread: InferenceThread): void {
    const next = this.waiting.shift();
    if (next) next(thread);
    else this.idle.push(thread);
  }

  private async add(): Promise<void> {
    const { modelDir, threads, spawn = spawnWorker } = this.options;
    const thread = await InferenceThread.start({ modelDir, threads }, spawn, (gone) =>
      this.replace(gone),
    );
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
