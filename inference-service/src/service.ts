import { blockOtherLoaders, type ImageLimits } from '@stylizer/common';
import type { FastifyBaseLogger } from 'fastify';
import sharp from 'sharp';
import { Admission } from './admission/admission.js';
import type { Config } from './config.js';
import { createMetrics, type Metrics } from './metrics/metrics.js';
import { Catalogue } from './model/catalogue.js';
import { modelIdOf, verifyModel } from './model/manifest.js';
import { ServiceError } from './service-error.js';
import { Scratch } from './stylize/scratch.js';
import { Stylizer } from './stylize/stylize-picture.js';
import type { SpawnWorker } from './threads/inference-thread.js';
import { startPool } from './threads/start-pool.js';
import type { ThreadPool } from './threads/thread-pool.js';

/** Pixels held decoded at once, over all pictures but one that goes by tiles; 3 bytes each. */
const DECODED_PIXELS = 50_000_000;

/** Of pictures that cannot be decoded in strips. */
const MAX_WHOLE_PIXELS = 25_000_000;

export type Phase = 'starting' | 'ready' | 'stopping';

export interface ServiceHooks {
  spawn?: SpawnWorker;
  /** The service cannot go on; its supervisor should start it anew. */
  onFatal: (cause: Error) => void;
}

/** Everything behind the routes. */
export class Service {
  phase: Phase = 'starting';
  readonly admission: Admission;
  readonly limits: ImageLimits;
  readonly metrics: Metrics;
  private pool: ThreadPool | undefined;
  private stylizer: Stylizer | undefined;

  private constructor(
    private readonly config: Config,
    private readonly logger: FastifyBaseLogger,
    private readonly hooks: ServiceHooks,
    readonly catalogue: Catalogue,
    /** Of the model that makes and takes style codes here. */
    readonly model: string,
  ) {
    this.limits = {
      maxBytes: config.MAX_IMAGE_BYTES,
      maxPixels: config.MAX_IMAGE_PIXELS,
      // Half a gigabyte; core sends nothing that has to be decoded whole.
      maxWholePixels: MAX_WHOLE_PIXELS,
    };
    this.admission = new Admission({
      queueLimit: config.INFERENCE_QUEUE_LIMIT,
      bodyBytes: config.BODY_MEMORY_BYTES,
      decodedPixels: DECODED_PIXELS,
    });
    this.metrics = createMetrics({
      queued: () => this.admission.queued,
      running: () => this.admission.running,
      workers: () => this.pool?.state.workers ?? 0,
      device: () => this.pool?.state.device,
    });
  }

  /** @throws ModelError when a file of the model is missing or damaged. */
  static async create(
    config: Config,
    logger: FastifyBaseLogger,
    hooks: ServiceHooks,
  ): Promise<Service> {
    blockOtherLoaders();
    // It would keep deleted files open, and what it keeps is never asked for again.
    sharp.cache(false);
    const engine = config.INFERENCE_ENGINE === 'onnx' ? 'onnx' : 'tensorflow';
    const manifest = await verifyModel(config.MODEL_DIR, engine);
    const catalogue = await Catalogue.load(config.MODEL_DIR, manifest);
    const id = modelIdOf(manifest);
    logger.info({ model: manifest.name, version: manifest.version, id }, 'model files verified');
    return new Service(config, logger, hooks, catalogue, id);
  }

  /** Loads the network into its threads and warms it. */
  async start(): Promise<void> {
    const { config, logger, metrics, hooks } = this;
    const scratch = await Scratch.open(config.SCRATCH_DIR);
    this.pool = await startPool(config, logger, {
      ...(hooks.spawn && { spawn: hooks.spawn }),
      onRestart: (cause) => {
        metrics.countRestart();
        logger.error({ err: cause }, 'an inference thread died and is replaced');
      },
      onFatal: hooks.onFatal,
    });
    // One more than the network can take, so that it never waits for a picture to be decoded.
    this.admission.allow(this.pool.size + 1);
    this.stylizer = new Stylizer(this.pool, this.limits, config.WHOLE_IMAGE_MAX_PIXELS, scratch);
    if (this.phase === 'starting') this.phase = 'ready';
    logger.info(this.pool.state, 'ready');
  }

  /** @throws ServiceError `UNAVAILABLE` unless ready. */
  readyStylizer(): Stylizer {
    if (this.phase === 'ready' && this.stylizer) return this.stylizer;
    throw new ServiceError('UNAVAILABLE', `The service is ${this.phase}.`);
  }

  poolState(): ThreadPool['state'] | undefined {
    return this.pool?.state;
  }

  /** Takes no more work, and waits until what is in hand is done. */
  async drain(): Promise<void> {
    this.phase = 'stopping';
    await this.admission.empty();
  }

  async stop(): Promise<void> {
    this.phase = 'stopping';
    await this.pool?.stop();
  }
}
