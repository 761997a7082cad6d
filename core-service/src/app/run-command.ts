import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '@stylizer/common';
import { configSchema } from '../config/config.js';
import { AppModule } from './app.module.js';
import { runProcess } from './run-process.js';

/**
 * An entry point that does one thing at the command line, says so, and exits.
 *
 * @param parse throws ConfigError with the usage before anything is started
 */
export function runCommand<T>(
  parse: () => T,
  work: (app: INestApplicationContext, options: T) => Promise<string>,
): Promise<void> {
  return runProcess(async () => {
    const options = parse();
    const config = loadConfig(configSchema, {
      ...process.env,
      METRICS_PORT: '0',
      LOG_LEVEL: 'error',
    });
    const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
      logger: false,
      abortOnError: false,
    });
    try {
      process.stdout.write(`${await work(app, options)}\n`);
    } finally {
      await app.close();
    }
  });
}
