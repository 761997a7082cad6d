import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { readConfig } from '../../src/config.js';
import { buildServer } from '../../src/server.js';
import { ENGINE } from './engine.js';
import { Service, type ServiceHooks } from '../../src/service.js';

export interface RunningService {
  url: string;
  service: Service;
  close(): Promise<void>;
}

/** The whole service on a port of its own, with the real network; on {@link ENGINE}. */
export async function runService(
  env: Record<string, string> = {},
  hooks: Partial<ServiceHooks> = {},
): Promise<RunningService> {
  const logger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const config = readConfig({
    INFERENCE_ENGINE: ENGINE,
    INFERENCE_WORKERS: '1',
    INFERENCE_THREADS: '2',
    ...env,
  });
  const onFatal = (cause: Error) => {
    throw cause;
  };
  const service = await Service.create(config, logger, { onFatal, ...hooks });
  const app = await buildServer(service, { logger, requestTimeoutMs: config.REQUEST_TIMEOUT_MS });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await service.start();
  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    service,
    close: async () => {
      await app.close();
      await service.stop();
    },
  };
}
