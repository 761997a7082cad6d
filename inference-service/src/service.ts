import { blockOtherLoaders, type ImageLimits } from '@stylizer/common';
import type { FastifyBaseLogger } from 'fastify';
import sharp from 'sharp';
import { Admission } from './admission/admission.js';
import type { Config } from './config.js';
import { ServiceError } from './errors.js';
import { createMetrics, type Metrics } from './metrics.js';
import { Catalogue } from './model/catalogue.js';
import { modelIdOf, verifyModel } from './model/manifest.js';
import { Scratch } from './stylize/scratch.js';
import { Stylizer } from './stylize/stylizer.js';
import { startPool } from './threads/start-pool.js';
import type { SpawnWorker, ThreadPool } from './threads/thread-pool.js';

/** Decoded pixels in memory at once, 3 bytes each; tiled images are not counted. */
const DECODED_PIXELS = 50_000_000;

/** Of images that cannot be decoded in strips. */
const MAX_WHOLE_PIXELS = 25_000_000;

export type Phase = 'starting' | 'ready' | 'stopping';

export interface ServiceHooks {
  spawn?: SpawnWorker;
  /** The service cannot continue; its supervisor should restart it. */
  onFatal: (cause: Error) => void;
}

/** The state behind the routes: model, inference threads, admission, metrics. */
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
    /** Id of the loaded model. */
    readonly model: string,
  ) {
    this.limits = {
      maxBytes: config.MAX_IMAGE_BYTES,
      maxPixels: config.MAX_IMAGE_PIXELS,
      // Takes half a gigabyte. The core service sends only images that can be decoded in strips.
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
    // libvips' cache keeps deleted files open, and no operation is repeated here.
    sharp.cache(false);
    const engine = config.INFERENCE_ENGINE === 'onnx' ? 'onnx' : 'tensorflow';
    const manifest = await verifyModel(config.MODEL_DIR, engine);
    const catalogue = await Catalogue.load(config.MODEL_DIR, manifest);
    const id = modelIdOf(manifest);
    logger.info({ model: manifest.name, version: manifest.version, id }, 'model files verified');
    return new Service(config, logger, hooks, catalogue, id);
  }

  /** Starts the inference threads and warms up the network. */
  async start(): Promise<void> {
    const { config, logger, metrics, hooks } = this;
    const scratch = await Scratch.open(config.SCRATCH_DIR);
    this.pool = await startPool(config, logger, {
      ...(hooks.spawn && { spawn: hooks.spawn }),
      onRestart: (cause) => {
        metrics.countRestart();
        logger.error({ err: cause }, 'an inference thread died and is being replaced');
      },
      onFatal: hooks.onFatal,
    });
    // One more than the pool runs, so that the network never waits for decoding.
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

  /** Refuses new requests and waits for running ones. */
  async drain(): Promise<void> {
    this.phase = 'stopping';
    await this.admission.empty();
  }

  async stop(): Promise<void> {
    this.phase = 'stopping';
    await this.pool?.stop();
  }
}
