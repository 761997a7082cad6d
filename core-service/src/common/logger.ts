import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.js';

/** One line of JSON per event; what could log somebody in is cut out. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  return pino({
    level: config.LOG_LEVEL,
    base: { service: 'core' },
    serializers: { err: withoutClient },
    redact: ['req.headers.authorization', 'req.headers.cookie'],
  });
}

/** pg hangs its whole connection, password and all, on the errors of a broken one. */
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
