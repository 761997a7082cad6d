import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'pg-boss';
import type { EntityManager } from 'typeorm';
import { type NotificationListener, Notifications } from '../database/notifications.js';
import { afterCommit } from '../database/transaction.js';
import { Boss, POLL_SECONDS, within } from './boss.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * Background work other than transformations, and how each kind is retried: an attempt that takes longer
 * than `expireInSeconds` counts as failed.
 */
export const TASK_QUEUES = {
  /** Ten attempts over about a day. */
  mail: { retryLimit: 9, retryDelay: 5, retryDelayMax: 6 * HOUR, expireInSeconds: 2 * MINUTE },
  /** Mails that somebody without a session asked for. */
  'account-mails': { retryLimit: 5, retryDelay: 5, retryDelayMax: HOUR, expireInSeconds: MINUTE },
  /** The heartbeat notices within seconds that a worker died. */
  'account-exports': {
    retryLimit: 2,
    retryDelay: 5,
    expireInSeconds: 2 * HOUR,
    heartbeatSeconds: 10,
  },
  /** Ten attempts over about a day. */
  'account-deletions': {
    retryLimit: 9,
    retryDelay: 5,
    retryDelayMax: 6 * HOUR,
    expireInSeconds: 2 * HOUR,
    heartbeatSeconds: 10,
  },
} satisfies Record<string, Partial<Queue>>;
export type TaskQueue = keyof typeof TASK_QUEUES;

export interface Task<T> {
  id: string;
  data: T;
  /** 1 for the first. */
  attempt: number;
  /** Whether a failure of this attempt is final. */
  last: boolean;
  /** Aborted when the process stops and the task returns to the queue. */
  signal: AbortSignal;
}

interface Handler {
  work(task: Task<unknown>): Promise<void>;
  concurrency: number;
}

/** First word of a notification; the second is the queue. */
const TASK = 'task';

/** A task is sent in the transaction that causes it, and runs at least once after the commit. */
@Injectable()
export class Tasks implements OnApplicationBootstrap, NotificationListener {
  private readonly handlers = new Map<TaskQueue, Handler>();
  /** pg-boss's worker of each queue that this process works on. */
  private readonly workers = new Map<string, string>();

  constructor(
    private readonly boss: Boss,
    private readonly notifications: Notifications,
  ) {}

  onApplicationBootstrap(): void {
    this.notifications.listen(this);
  }

  /**
   * Who works on a queue, in processes with a worker. To be called before the application starts, from a constructor.
   *
   * @param work safe to run twice; if it throws, the task is retried
   */
  handle<T>(
    queue: TaskQueue,
    work: (task: Task<T>) => Promise<void>,
    { concurrency = 2 } = {},
  ): void {
    this.handlers.set(queue, { work: (task) => work(task as Task<T>), concurrency });
  }

  async send(
    manager: EntityManager,
    queue: TaskQueue,
    data: object,
    options: { id?: string; startAfter?: Date } = {},
  ): Promise<void> {
    await this.boss.client.send(queue, data, { ...options, db: within(manager) });
    if (!options.startAfter)
      afterCommit(manager, () => this.notifications.send(`${TASK} ${queue}`));
  }

  hear(payload: string): void {
    const [kind, queue = ''] = payload.split(' ');
    const worker = kind === TASK && this.workers.get(queue);
    if (worker) this.boss.client.notifyWorker(worker);
  }

  missed(): void {
    for (const worker of this.workers.values()) this.boss.client.notifyWorker(worker);
  }

  async work(): Promise<void> {
    for (const [queue, { work, concurrency }] of this.handlers)
      this.workers.set(
        queue,
        await this.boss.client.work(
          queue,
          {
            pollingIntervalSeconds: POLL_SECONDS,
            localConcurrency: concurrency,
            includeMetadata: true,
            // The next task at once, while there is one.
            burstWhenBatchFull: true,
          },
          async ([job]) => {
            if (!job) return;
            const { id, data, retryCount, retryLimit, signal } = job;
            const last = retryCount >= retryLimit;
            await work({ id, data, attempt: retryCount + 1, last, signal });
          },
        ),
      );
  }
}
