import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { SessionsService } from '../auth/sessions.service.js';
import { TokensService } from '../tokens/tokens.service.js';
import { EndTransformation } from './end-transformation.js';
import { Idempotency } from './idempotency.js';
import { TransformationFiles } from './transformation-files.js';
import { TransformationsRepository } from './transformations.repository.js';

const EVERY_MS = 60_000;
const BATCH = 100;

/** What time alone brings about: expired holds, images, keys and sessions. Harmless when run twice at once. */
@Injectable()
export class Housekeeping implements OnModuleDestroy {
  private readonly logger = new Logger(Housekeeping.name);
  private timer?: NodeJS.Timeout;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly transformations: TransformationsRepository,
    private readonly tokens: TokensService,
    private readonly ending: EndTransformation,
    private readonly files: TransformationFiles,
    private readonly idempotency: Idempotency,
    private readonly sessions: SessionsService,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.run();
    }, EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** What fails is logged and comes up again; it keeps nothing else from its turn. */
  async run(): Promise<void> {
    await this.each(
      () => this.tokens.expiredHolds(BATCH),
      (id) => this.failExpired(id),
    );
    await this.each(
      () => this.transformations.withImagesToDelete(BATCH),
      (transformation) => this.files.delete(transformation),
    );
    await this.attempt(() => this.idempotency.deleteExpired());
    await this.attempt(() => this.sessions.deleteExpired());
  }

  private async failExpired(id: string): Promise<void> {
    const transformation = await this.transformations.find(id);
    if (!transformation) return;
    await this.ending.fail(transformation, {
      code: 'TRANSFORMATION_FAILED',
      detail: 'It could not be worked on in time. The tokens were given back.',
    });
  }

  private async each<T>(find: () => Promise<T[]>, work: (item: T) => Promise<void>) {
    for (const item of (await this.attempt(find)) ?? []) await this.attempt(() => work(item));
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.logger.error(error);
      return undefined;
    }
  }
}
