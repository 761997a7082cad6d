import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import multipart from '@fastify/multipart';
import { followSilentConnections } from '@stylizer/common';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { ServiceError } from './errors.js';
import { catalogueRoutes } from './http/catalogue.routes.js';
import { healthRoutes } from './http/health.routes.js';
import { imageRoutes } from './http/image.routes.js';
import { sendProblem } from './http/problem-details.js';
import type { Service } from './service.js';

export interface ServerOptions {
  logger: FastifyBaseLogger;
  requestTimeoutMs: number;
}

/** The HTTP server: routes, request ids, errors, request metrics. */
export async function buildServer(
  service: Service,
  { logger, requestTimeoutMs }: ServerOptions,
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    genReqId: requestId,
    requestTimeout: requestTimeoutMs,
    // The routes answer 503 themselves, as problem details.
    return503OnClosing: false,
  });

  const dropSilent = followSilentConnections(app.server);
  app.addHook('preClose', async () => dropSilent());
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    const { traceparent } = request.headers;
    if (traceparent) request.log = request.log.child({ traceparent });
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unmatched';
    service.metrics.countRequest(request.method, route, reply.statusCode);
  });
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new ServiceError('NOT_FOUND', 'This route does not exist.'), request, reply),
  );

  // The handlers reject bodies of other types with a message of their own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  await app.register(multipart);

  healthRoutes(app, service);
  catalogueRoutes(app, service.catalogue);
  imageRoutes(app, service);
  return app;
}

/** The client's request id when it is safe to log, else a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
