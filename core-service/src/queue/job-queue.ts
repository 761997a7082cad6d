import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { PgBoss, type Queue } from 'pg-boss';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { type NotificationListener, Notifications } from '../database/notifications.js';
import { afterCommit } from '../database/transaction.js';

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
/** How often finished jobs are deleted. pg-boss's default is once a day. */
const CLEANING_SECONDS = 60;
/** New jobs wake workers immediately; retries, and jobs whose notification was lost, wait for the poll. */
const POLL_SECONDS = 0.5;

/**
 * pg-boss, inside the caller's transaction: a rolled-back submission leaves no job. Its own NOTIFY is
 * off, because it would be part of the transaction: see {@link Notifications}.
 */
@Injectable()
export class JobQueue implements OnApplicationBootstrap, OnModuleDestroy, NotificationListener {
  private readonly logger = new Logger(JobQueue.name);
  private readonly boss: PgBoss;
  /** By queue. */
  private readonly workers = new Map<string, string[]>();
  private working = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly notifications: Notifications,
  ) {
    this.boss = createBoss(config, { migrate: false });
    this.boss.on('error', ({ message, stack }) => this.logger.error(message, stack));
    this.boss.on('warning', ({ message }) => this.logger.warn(message));
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.boss.start();
    } catch (cause) {
      throw new Error('The queue did not start. Has the database been migrated? (make migrate)', {
        cause,
      });
    }
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
    this.working = true;
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

  /** Finishes running jobs within the shutdown timeout; the rest return to the queue. */
  async onModuleDestroy(): Promise<void> {
    await this.boss.stop({
      graceful: this.working,
      timeout: this.config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    });
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
  } finally {
    await boss.stop({ graceful: false });
  }
}

async function putQueue(boss: PgBoss, name: string, options: QueueSettings): Promise<void> {
  if (await boss.getQueue(name)) await boss.updateQueue(name, options);
  else await boss.createQueue(name, options);
}

function createBoss(config: Config, { migrate }: { migrate: boolean }): PgBoss {
  return new PgBoss({
    connectionString: config.DATABASE_URL,
    application_name: 'stylizer-queue',
    max: 4,
    migrate,
    createSchema: migrate,
    schedule: false,
    supervise: !migrate,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    maintenanceIntervalSeconds: CLEANING_SECONDS,
  });
}

/** pg-boss statements on the connection of the caller's transaction. */
function within(manager: EntityManager) {
  return {
    executeSql: async (text: string, values?: unknown[]) => {
      const { queryRunner } = manager;
      if (!queryRunner) throw new Error('jobs are sent inside Transaction.run only');
      const result = (await queryRunner.query(text, values, true)) as { records: unknown[] };
      return { rows: result.records };
    },
  };
}
