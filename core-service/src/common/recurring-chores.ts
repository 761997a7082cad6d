import { Logger, type OnModuleDestroy } from '@nestjs/common';

const EVERY_MS = 60_000;
/** After this time a chore leaves the rest of its backlog to the next run. */
const TURN_MS = 20_000;

interface Turn {
  isLeft(): boolean;
}

/** Periodic work. A failure is logged and does not stop the other chores. */
export abstract class RecurringChores implements OnModuleDestroy {
  private readonly logger = new Logger(this.constructor.name);
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private stopping = false;

  /** Safe to run twice at the same time. */
  abstract run(): Promise<void>;

  start(): void {
    this.timer = setInterval(() => {
      // A run with a backlog may take longer than the interval.
      this.running ??= this.run().finally(() => {
        this.running = undefined;
      });
    }, EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping = true;
    await this.running;
  }

  /** Works through batches until one is not full, all items of one fail, or time is up. */
  protected async each<T>(
    limit: number,
    find: (limit: number) => Promise<T[]>,
    work: (item: T) => Promise<unknown>,
  ): Promise<void> {
    await this.drain(limit, async (limit, time) => {
      const found = await find(limit);
      let worked = 0;
      for (const item of found) {
        if (!time.isLeft()) break;
        await this.attempt(async () => {
          await work(item);
          worked++;
        });
      }
      return worked > 0 ? found.length : 0;
    });
  }

  /** Repeats `batch`, which returns its size, until that is below the limit, it fails, or time is up. */
  protected async drain(
    limit: number,
    batch: (limit: number, time: Turn) => Promise<number>,
  ): Promise<void> {
    const time = this.turn();
    while ((await this.attempt(() => batch(limit, time))) === limit && time.isLeft());
  }

  private turn(): Turn {
    const until = Date.now() + TURN_MS;
    return { isLeft: () => !this.stopping && Date.now() < until };
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
