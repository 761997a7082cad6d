import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Postgres, startPostgres } from '../postgres.js';
import { PortTakenError } from '../postgres/server.js';
import type { Say } from './console.js';
import { Plain, type Settings } from './settings.js';

const NAME = 'stylizer';
const REVIVAL_PAUSE_MS = 500;

/** @throws Plain when the port that was asked for is taken. */
export async function startEmbedded(settings: Settings, notice: Say): Promise<Postgres> {
  try {
    const postgres = await startPostgres({
      dataDirectory: join(settings.dataFolder, 'postgres'),
      port: settings.postgresPort,
      durable: true,
      notice,
    });
    await postgres.createDatabase(NAME);
    return postgres;
  } catch (error) {
    if (!(error instanceof PortTakenError)) throw error;
    throw new Plain(
      `Port ${settings.postgresPort} is in use by another program. Choose another for PostgreSQL with POSTGRES_PORT=…`,
    );
  }
}

/** The embedded PostgreSQL of one `make run`: started again when it dies, on the same port. */
export class RunDatabase {
  #stopping = false;
  #revival: Promise<void> = Promise.resolve();

  private constructor(
    private postgres: Postgres,
    private readonly settings: Settings,
    private readonly say: Say,
  ) {
    this.#watch();
  }

  /** @throws Plain when another `make run` uses the same data. */
  static async start(settings: Settings, say: Say): Promise<RunDatabase> {
    const postgres = await startEmbedded(settings, say);
    if (!(await postgres.claimRun())) {
      await postgres.stop();
      throw new Plain(
        `Another \`make run\` is using the data in ${settings.dataFolder}. Stop it first.`,
      );
    }
    if (!postgres.startedHere) say('PostgreSQL was still running: taken over.');
    return new RunDatabase(postgres, settings, say);
  }

  get url(): string {
    return this.postgres.url(NAME);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#revival;
    await this.postgres.stop();
  }

  kill(): void {
    this.#stopping = true;
    this.postgres.kill();
  }

  #watch(): void {
    this.postgres.onLost(() => {
      this.#revival = this.#revive();
    });
  }

  async #revive(): Promise<void> {
    while (!this.#stopping) {
      this.say('PostgreSQL ended by itself; starting again');
      try {
        // The services hold its address.
        const settings = { ...this.settings, postgresPort: this.postgres.port };
        this.postgres = await startEmbedded(settings, this.say);
        await this.postgres.claimRun();
        this.#watch();
        return;
      } catch (error) {
        this.say(error instanceof Error ? error.message : String(error));
        await delay(REVIVAL_PAUSE_MS);
      }
    }
  }
}
