import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { PgBoss } from 'pg-boss';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/** New jobs wake workers immediately; retries, and jobs whose notification was lost, wait for the poll. */
export const POLL_SECONDS = 0.5;
/** How often finished jobs are deleted. pg-boss's default is once a day. */
const CLEANING_SECONDS = 60;

/** The process's pg-boss. */
@Injectable()
export class Boss implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Boss.name);
  readonly client: PgBoss;
  /** Whether running jobs are finished at shutdown. */
  working = false;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.client = createBoss(config, { migrate: false });
    this.client.on('error', ({ message, stack }) => this.logger.error(message, stack));
    this.client.on('warning', ({ message }) => this.logger.warn(message));
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.client.start();
    } catch (cause) {
      throw new Error('The queue did not start. Has the database been migrated? (make migrate)', {
        cause,
      });
    }
  }

  /** Finishes running jobs within the shutdown timeout; the rest return to the queue. */
  async onModuleDestroy(): Promise<void> {
    await this.client.stop({
      graceful: this.working,
      timeout: this.config.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    });
  }
}

export function createBoss(config: Config, { migrate }: { migrate: boolean }): PgBoss {
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
export function within(manager: EntityManager) {
  return {
    executeSql: async (text: string, values?: unknown[]) => {
      const { queryRunner } = manager;
      if (!queryRunner) throw new Error('jobs are sent inside Transaction.run only');
      const result = (await queryRunner.query(text, values, true)) as { records: unknown[] };
      return { rows: result.records };
    },
  };
}
