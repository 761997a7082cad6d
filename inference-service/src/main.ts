import { ConfigError, serveMetrics } from '@stylizer/common';
import { pino } from 'pino';
import { readConfig } from './config.js';
import { ModelError } from './model/manifest.js';
import { buildServer } from './server.js';
import { Service } from './service.js';

async function main(): Promise<void> {
  const config = readConfig();
  const logger = pino({ name: 'inference', level: config.LOG_LEVEL });
  const fatal = (cause: unknown) => {
    logger.fatal({ err: cause }, 'the service cannot continue');
    process.exit(1);
  };
  const service = await Service.create(config, logger, { onFatal: fatal });
  const { REQUEST_TIMEOUT_MS: requestTimeoutMs } = config;
  const app = await buildServer(service, { logger, requestTimeoutMs });
  const metrics = await serveMetrics(service.metrics.registry, config.HOST, config.METRICS_PORT);
  await app.listen({ host: config.HOST, port: config.PORT });

  const stop = async (signal: string) => {
    logger.info({ signal }, 'stopping');
    const timer = setTimeout(() => {
      logger.error('shutdown timed out: running jobs are dropped');
      process.exit(1);
    }, config.SHUTDOWN_TIMEOUT_MS);
    await service.drain();
    await Promise.all([app.close(), metrics.close(), service.stop()]);
    clearTimeout(timer);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void stop(signal).catch(fatal));

  await service.start().catch(fatal);
}

/** Errors that an operator can fix; all others are printed with their stack. */
const isPlain = (error: unknown): error is Error =>
  error instanceof ConfigError ||
  error instanceof ModelError ||
  (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE');

main().catch((error: unknown) => {
  const stack = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${isPlain(error) ? error.message : stack}\n`);
  process.exit(1);
});
