import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.js';

/** One line of JSON per event, with credentials removed. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  return pino({
    level: config.LOG_LEVEL,
    base: { service: 'core' },
    serializers: { err: withoutClient },
    redact: ['req.headers.authorization', 'req.headers.cookie'],
  });
}

/** pg attaches its connection, including the password, to errors of a broken connection. */
function withoutClient(error: Error): object {
  return { ...pino.stdSerializers.err(error), client: undefined };
}

/** Nest's own messages, in the same log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, '%s', message);
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, '%s', message);
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, '%s', message);
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (message instanceof Error) this.logger.error({ err: message, context: rest.at(-1) });
    else this.logger.error({ context: rest.at(-1), stack: rest.at(-2) }, '%s', message);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}
