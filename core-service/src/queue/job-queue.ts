import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { PgBoss, Queue } from 'pg-boss';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { type NotificationListener, Notifications } from '../database/notifications.js';
import { afterCommit } from '../database/transaction.js';
import { Boss, createBoss, POLL_SECONDS, within } from './boss.js';
import { TASK_QUEUES } from './tasks.js';

/** The job's id is the transformation's, so a transformation has one job at most. */
export interface JobData {
  transformationId: string;
  requestId: string;
  traceparent: string;
}

export interface Job extends JobData {
  /** 1 for the first. */
  attempt: number;
  /** Aborted when the process stops and the job returns to the queue. */
  signal: AbortSignal;
}

export interface JobHandlers {
  /** If it throws, the job is retried: {@link ATTEMPTS} attempts in all. */
  process(job: Job): Promise<void>;
  /** The last attempt failed. */
  giveUp(transformationId: string): Promise<void>;
}

const QUEUE = 'transformations';
/** For jobs that take minutes: has separate workers, so that small jobs do not wait behind them. */
const LARGE = 'transformations-large';
const DEAD_LETTERS = 'transformations-dead';
export const ATTEMPTS = 3;

/** First word of a notification; the second is the queue. */
const JOB = 'job';

type QueueSettings = Omit<Queue, 'name' | 'policy' | 'partition'>;

/** A worker silent for longer is dead, and its job runs elsewhere. pg-boss's minimum. */
const HEARTBEAT_SECONDS = 10;
/** Includes waiting for the inference service; holds expire later. */
const JOB_EXPIRES_SECONDS = 12 * 3600;
/**
 * Finished jobs are deleted soon, since the transformation records the outcome and pg-boss reads its
 * whole job table every second to count jobs.
 */
const KEPT_SECONDS = 600;

/**
 * pg-boss, inside the caller's transaction: a rolled-back submission leaves no job. Its own NOTIFY is
 * off, because it would be part of the transaction: see {@link Notifications}.
 */
@Injectable()
export class JobQueue implements OnApplicationBootstrap, NotificationListener {
  private readonly boss: PgBoss;
  /** By queue. */
  private readonly workers = new Map<string, string[]>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly process: Boss,
    private readonly notifications: Notifications,
  ) {
    this.boss = process.client;
  }

  onApplicationBootstrap(): void {
    this.notifications.listen(this);
  }

  /**
   * @param priority higher runs first
   * @param large whether it takes minutes, and so has separate workers
   */
  async send(
    manager: EntityManager,
    data: JobData,
    { priority, large }: { priority: number; large: boolean },
  ): Promise<void> {
    const { transformationId: id } = data;
    const queue = large ? LARGE : QUEUE;
    await this.boss.send(queue, data, { id, priority, db: within(manager) });
    afterCommit(manager, () => this.notifications.send(`${JOB} ${queue}`));
  }

  hear(payload: string): void {
    const [kind, queue = ''] = payload.split(' ');
    if (kind === JOB) this.wake(queue);
  }

  missed(): void {
    for (const queue of this.workers.keys()) this.wake(queue);
  }

  async remove(manager: EntityManager, transformationId: string): Promise<void> {
    for (const queue of [QUEUE, LARGE])
      await this.boss.deleteJob(queue, transformationId, { db: within(manager) });
  }

  async work(handlers: JobHandlers): Promise<void> {
    this.process.working = true;
    await this.workOn(QUEUE, this.config.WORKER_CONCURRENCY, handlers);
    await this.workOn(LARGE, this.config.WORKER_LARGE_CONCURRENCY, handlers);
    await this.boss.work<JobData>(
      DEAD_LETTERS,
      { pollingIntervalSeconds: POLL_SECONDS },
      async (jobs) => {
        for (const job of jobs) await handlers.giveUp(job.data.transformationId);
      },
    );
  }

  /** Whether the queue has been migrated. */
  async isCurrent(): Promise<boolean> {
    return (await this.boss.getQueue(LARGE)) !== null;
  }

  /** A busy worker fetches the next job anyway when it is done. */
  private wake(queue: string): void {
    for (const worker of this.workers.get(queue) ?? []) this.boss.notifyWorker(worker);
  }

  private async workOn(queue: string, workers: number, handlers: JobHandlers): Promise<void> {
    const ids: string[] = [];
    this.workers.set(queue, ids);
    for (let worker = 0; worker < workers; worker++) {
      const options = {
        pollingIntervalSeconds: POLL_SECONDS,
        heartbeatRefreshSeconds: HEARTBEAT_SECONDS / 4,
      };
      // One pg-boss worker each, because notifyWorker needs its id to make it fetch without a pause.
      const workerId: string = await this.boss.work<JobData>(queue, options, async ([job]) => {
        if (!job) return;
        try {
          const { data, retryCount, signal } = job;
          await handlers.process({ ...data, attempt: retryCount + 1, signal });
        } finally {
          this.boss.notifyWorker(workerId);
        }
      });
      ids.push(workerId);
    }
  }
}

/** Creates or updates pg-boss's schema and our queues. Part of the migration step. */
export async function migrateQueue(config: Config): Promise<void> {
  const boss = createBoss(config, { migrate: true });
  await boss.start();
  try {
    await putQueue(boss, DEAD_LETTERS, { deleteAfterSeconds: KEPT_SECONDS, notify: false });
    for (const queue of [QUEUE, LARGE])
      await putQueue(boss, queue, {
        deadLetter: DEAD_LETTERS,
        retryLimit: ATTEMPTS - 1,
        retryDelay: 1,
        retryBackoff: true,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        expireInSeconds: JOB_EXPIRES_SECONDS,
        deleteAfterSeconds: KEPT_SECONDS,
        notify: false,
      });
    for (const [name, settings] of Object.entries(TASK_QUEUES))
      await putQueue(boss, name, {
        ...settings,
        retryBackoff: true,
        deleteAfterSeconds: KEPT_SECONDS,
        notify: false,
      });
  } finally {
    await boss.stop({ graceful: false });
  }
}

async function putQueue(boss: PgBoss, name: string, options: QueueSettings): Promise<void> {
  if (await boss.getQueue(name)) await boss.updateQueue(name, options);
  else await boss.createQueue(name, options);
}
