import { Logger, type OnModuleDestroy } from '@nestjs/common';

const EVERY_MS = 60_000;

/** Work that comes up again and again. What fails is logged, and keeps nothing else from its turn. */
export abstract class RecurringChores implements OnModuleDestroy {
  private readonly logger = new Logger(this.constructor.name);
  private timer?: NodeJS.Timeout;
  private running: Promise<void> = Promise.resolve();

  /** Harmless when run twice at once. */
  abstract run(): Promise<void>;

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.run();
    }, EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  protected async each<T>(find: () => Promise<T[]>, work: (item: T) => Promise<unknown>) {
    for (const item of (await this.attempt(find)) ?? []) await this.attempt(() => work(item));
  }

  protected async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.logger.error(error);
      return undefined;
    }
  }
}
