import 'reflect-metadata';
import multipart from '@fastify/multipart';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { followSilentConnections } from '@stylizer/common';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { refuseOtherMethods } from '../common/allowed-methods.js';
import { answerProblem, ErrorFilter } from '../common/error.filter.js';
import { createLogger, NestLogger } from '../common/logger.js';
import { limitConnections } from '../common/connections.js';
import { requestIdOf } from '../common/request-id.js';
import { answerUnreadable } from '../common/unreadable-requests.js';
import { closeStalledAnswers, closeStalledRequests } from '../common/stalled-requests.js';
import { Shutdown } from '../common/shutdown.js';
import { SchemaPipe } from '../common/validation.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { serveDocument } from './document.js';
import { protectAnswers } from './security-headers.js';
import { observeRequests } from '../metrics/observe-requests.js';

/** How often connections are looked through for requests that take too long. */
const CHECK_CONNECTIONS_MS = 1_000;
const MAX_HEAD_BYTES = 16_384;

/** The api as an application that is not listening yet. */
export async function createApp(
  config: Config,
  { preview = false, logger = createLogger(config) }: { preview?: boolean; logger?: Logger } = {},
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config),
    createAdapter(config, logger),
    { logger: new NestLogger(logger), preview, abortOnError: false, rawBody: true },
  );
  await configureApp(app, { preview });
  return app;
}

export function createAdapter(config: Config, logger: Logger): FastifyAdapter {
  return new FastifyAdapter({
    loggerInstance: logger,
    // observeRequests writes one line per request.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    trustProxy: (_address, hop) => hop < config.TRUSTED_PROXIES,
    bodyLimit: 100_000,
    requestTimeout: config.REQUEST_SECONDS * 1000,
    http: {
      headersTimeout: config.REQUEST_HEAD_SECONDS * 1000,
      requestTimeout: config.REQUEST_SECONDS * 1000,
      connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
    },
    clientErrorHandler: answerUnreadable,
    return503OnClosing: true,
    // Errors before routing, such as a malformed URL; no hook runs for these.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(error, request, reply.header('x-request-id', request.id)),
  });
}

export async function configureApp(
  app: NestFastifyApplication,
  { preview = false } = {},
): Promise<void> {
  app.useGlobalPipes(new SchemaPipe());
  app.useGlobalFilters(new ErrorFilter());
  // Parts are limited where they are read; Fastify's bodyLimit does not apply to them.
  await app.register(multipart);
  if (!preview) {
    const config = app.get<Config>(CONFIG);
    observeRequests(app);
    await protectAnswers(app, config);
    const server = app.getHttpAdapter().getInstance();
    refuseOtherMethods(server);
    closeStalledRequests(server, config);
    closeStalledAnswers(server, config);
    if (config.TRUSTED_PROXIES === 0)
      limitConnections(app.getHttpServer(), config.MAX_CONNECTIONS_PER_ADDRESS);
    const dropSilent = followSilentConnections(app.getHttpServer());
    app.get(Shutdown).signal.addEventListener('abort', dropSilent);
  }
  serveDocument(app);
}

/**
 * Stops in order: readiness off, open event streams end, running requests finish, then running jobs,
 * then the database connections.
 */
export async function closeApp(app: NestFastifyApplication, timeoutMs: number): Promise<void> {
  app.get(Shutdown).begin();
  const server = app.getHttpServer();
  const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(cut);
  await app.close();
}
