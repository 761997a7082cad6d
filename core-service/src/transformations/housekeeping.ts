import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { TokensService } from '../tokens/tokens.service.js';
import { EndTransformation } from './end-transformation.js';
import { Idempotency } from './idempotency.js';
import { TransformationFiles } from './transformation-files.js';
import { TransformationsRepository } from './transformations.repository.js';

const EVERY_MS = 60_000;
const BATCH = 100;

/** What time alone brings about: expired holds, images and keys. Harmless when run twice at once. */
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
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.run().catch((error: unknown) => this.logger.error(error));
    }, EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async run(): Promise<void> {
    for (const id of await this.tokens.expiredHolds(BATCH)) {
      const transformation = await this.transformations.find(id);
      if (transformation)
        await this.ending.fail(transformation, {
          code: 'TRANSFORMATION_FAILED',
          detail: 'It could not be worked on in time. The tokens were given back.',
        });
    }
    for (const transformation of await this.transformations.withImagesToDelete(BATCH))
      await this.files.delete(transformation);
    await this.idempotency.deleteExpired();
  }
}
