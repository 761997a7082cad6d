import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '@stylizer/common';
import { AppModule } from './app.module.js';
import { createLogger, NestLogger } from '../common/logger.js';
import { configSchema } from '../config/config.js';
import { onStopSignal } from './stop-signal.js';
import { Worker } from '../transformations/processing/worker.js';

/** Only the worker; it listens on the metrics port only. */
export async function runWorker(): Promise<void> {
  const config = loadConfig(configSchema);
  const logger = createLogger(config);
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  await app.get(Worker).start();
  logger.info('worker ready');
  onStopSignal(logger, () => app.close());
}
