import { Logger, type OnModuleDestroy } from '@nestjs/common';

const EVERY_MS = 60_000;
/** After this long a chore leaves the rest of its backlog for the next run. */
const TURN_MS = 20_000;

interface Turn {
  isLeft(): boolean;
}

/** Work that comes up again and again. What fails is logged, and keeps nothing else from its turn. */
export abstract class RecurringChores implements OnModuleDestroy {
  private readonly logger = new Logger(this.constructor.name);
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private stopping = false;

  /** Harmless when run twice at once. */
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

  /** Works on batches until one is not full, every item of one fails, or time is up. */
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

  /** Repeats `batch`, which returns its size, until it is less than the limit, fails, or time is up. */
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
