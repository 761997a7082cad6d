import { Worker } from 'node:worker_threads';
import {
  type Batch,
  type FromThread,
  picturesOf,
  type Result,
  type ThreadData,
} from './messages.js';
import { execArgv, extension } from './own-code.js';

export type SpawnWorker = (data: ThreadData) => Worker;

export const spawnWorker: SpawnWorker = (workerData) =>
  new Worker(new URL(`./entry${extension}`, import.meta.url), { workerData, execArgv });

/** The thread ended, by itself or by {@link InferenceThread.stop}, before it answered. */
export class ThreadDied extends Error {
  override readonly name = 'ThreadDied';
}

type Ready = Extract<FromThread, { kind: 'ready' }>;
type Answer = Exclude<FromThread, Ready>;

/** A thread that holds the network and does one task at a time. */
export class InferenceThread {
  /** What the network runs on, once it does. */
  runtime = { engine: 'none', device: 'none' };
  private readonly started = Promise.withResolvers<Ready>();
  private inHand: PromiseWithResolvers<Answer> | undefined;

  private constructor(
    private readonly worker: Worker,
    onGone: (thread: InferenceThread) => void,
  ) {
    let cause: unknown;
    worker.on('message', (message: FromThread) => this.hear(message));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', (code) => {
      const died = new ThreadDied(`An inference thread ended with code ${code}.`, { cause });
      this.started.reject(died);
      this.inHand?.reject(died);
      onGone(this);
    });
  }

  /**
   * @param onGone called once when the thread has ended, for whatever reason.
   * @throws ThreadDied when the network cannot be loaded; its cause says why.
   */
  static async start(
    data: ThreadData,
    spawn: SpawnWorker,
    onGone: (thread: InferenceThread) => void,
  ): Promise<InferenceThread> {
    const thread = new InferenceThread(spawn(data), onGone);
    const { engine, device } = await thread.started.promise;
    thread.runtime = { engine, device };
    return thread;
  }

  /**
   * Call only when the last run has settled.
   *
   * @throws ThreadDied
   * @throws Error when the network fails; the thread lives on.
   */
  async run(batch: Batch): Promise<{ results: Result[]; ranMs: number }> {
    this.inHand = Promise.withResolvers<Answer>();
    this.worker.postMessage(batch, picturesOf(batch));
    const answer = await this.inHand.promise;
    if (answer.kind === 'failed') throw new Error(answer.message);
    return answer;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }

  private hear(message: FromThread): void {
    if (message.kind === 'ready') this.started.resolve(message);
    else this.inHand?.resolve(message);
  }
}
