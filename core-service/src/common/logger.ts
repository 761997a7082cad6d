import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { Config } from '../config/config.js';

/** One line of JSON per event, with credentials removed. */
export function createLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  return pino({
    level: config.LOG_LEVEL,
    base: { service: 'core' },
    serializers: { err: withoutData },
    // @fastify/multipart writes down all headers of a request.
    redact: ['req.headers.authorization', 'req.headers.cookie', 'busboyOptions.headers'],
  });
}

/**
 * pg attaches its connection, including the password, to errors of a broken connection; TypeORM attaches the
 * values of a statement, such as e-mail addresses and hashes; PostgreSQL quotes rows in `detail` and `where`.
 */
function withoutData(error: Error): object {
  const { driverError, ...rest } = pino.stdSerializers.err(error) as object & {
    driverError?: { code?: unknown; constraint?: unknown; table?: unknown };
  };
  const { code, constraint, table } = driverError ?? {};
  return {
    ...rest,
    ...(driverError && { driverError: { code, constraint, table } }),
    client: undefined,
    parameters: undefined,
    detail: undefined,
    where: undefined,
  };
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
