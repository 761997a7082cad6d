import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { loadConfig } from '@stylizer/common';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app/app.module.js';
import { createLogger, NestLogger } from '../../src/common/logger.js';
import { type Config, configSchema } from '../../src/config/config.js';
import { closeApp, configureApp, createAdapter } from '../../src/app/create-app.js';
import { Inference } from '../../src/inference/inference.js';
import { ObjectStorage } from '../../src/storage/object-storage.js';
import { Worker } from '../../src/transformations/processing/worker.js';
import { createTestDatabase } from './database.js';

export const TEST_SECRET = 'a secret of the tests alone: 0123456789abcdef';

export interface TestApp {
  /** Base URL, for real HTTP. */
  url: string;
  app: NestFastifyApplication;
  config: Config;
  dataSource: DataSource;
  databaseUrl: string;
  close(): Promise<void>;
}

export interface TestAppOptions {
  /** Environment variables over the tests' own. */
  env?: Record<string, string>;
  /** Whether it also processes the queue; default true. */
  worker?: boolean;
  /** Replacements for our own ports. */
  inference?: Inference;
  storage?: ObjectStorage;
  /** Another app's database, for a second replica. */
  databaseUrl?: string;
}

/** The environment of a separate api process on this database. */
export function testEnvironment(databaseUrl: string, storageDir: string): Record<string, string> {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: '10',
    JWT_SECRET: TEST_SECRET,
    BCRYPT_COST: '4',
    STORAGE_DIR: storageDir,
    METRICS_PORT: '0',
    INFERENCE_URL: process.env.TEST_INFERENCE_URL ?? '',
    RATE_LIMIT_REGISTER_PER_MINUTE: '10000',
    RATE_LIMIT_REGISTER_NETWORK_PER_MINUTE: '10000',
    RATE_LIMIT_AUTH_PER_MINUTE: '100000',
    RATE_LIMIT_REQUESTS_PER_MINUTE: '1000000',
    UPLOADS_PER_ACCOUNT: '1000',
  };
}

/** Starts the whole api in this process with its own database and storage, and real inference. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.databaseUrl
    ? { url: options.databaseUrl, drop: () => Promise.resolve() }
    : await createTestDatabase('migrated');
  const storageDir = await mkdtemp(join(tmpdir(), 'stylizer-storage-'));
  const config = loadConfig(configSchema, {
    ...testEnvironment(database.url, storageDir),
    ...options.env,
  });
  const logger = createLogger(config);
  const building = Test.createTestingModule({ imports: [AppModule.forRoot(config)] });
  if (options.inference) building.overrideProvider(Inference).useValue(options.inference);
  if (options.storage) building.overrideProvider(ObjectStorage).useValue(options.storage);
  const module = await building.setLogger(new NestLogger(logger)).compile();
  const app = module.createNestApplication<NestFastifyApplication>(createAdapter(config, logger), {
    rawBody: true,
  });
  await configureApp(app);
  await app.listen(0, '127.0.0.1');
  if (options.worker ?? true) await app.get(Worker).start();
  return {
    url: await app.getUrl(),
    app,
    config,
    dataSource: app.get(DataSource),
    databaseUrl: database.url,
    close: async () => {
      await closeApp(app, 1_000);
      await database.drop();
      await rm(storageDir, { recursive: true, force: true });
    },
  };
}
