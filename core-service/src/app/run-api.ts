import { loadConfig } from '@stylizer/common';
import { createLogger } from '../common/logger.js';
import { configSchema } from '../config/config.js';
import { closeApp, createApp } from './create-app.js';
import { onStopSignal } from './stop-signal.js';
import { Worker } from '../transformations/processing/worker.js';

/** The api, and a worker in the same process unless WORKER_ENABLED is false. */
export async function runApi(): Promise<void> {
  const config = loadConfig(configSchema);
  const logger = createLogger(config);
  const app = await createApp(config, { logger });
  await app.listen(config.PORT, config.HOST);
  if (config.WORKER_ENABLED) await app.get(Worker).start();
  logger.info({ url: await app.getUrl(), worker: config.WORKER_ENABLED }, 'ready');
  onStopSignal(logger, () => closeApp(app, config.SHUTDOWN_TIMEOUT_SECONDS * 1000));
}
