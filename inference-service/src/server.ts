import multipart from '@fastify/multipart';
import { followSilentConnections } from '@stylizer/common';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { answerProblem } from './http/problem.js';
import { requestId } from './http/request-id.js';
import { encodeStyleRoute } from './routes/encode-style.js';
import { healthRoutes } from './routes/health.js';
import { stylesRoutes } from './routes/styles.js';
import { stylizeRoute } from './routes/stylize.js';
import type { Service } from './service.js';
import { ServiceError } from './service-error.js';

export interface ServerOptions {
  logger: FastifyBaseLogger;
  requestTimeoutMs: number;
}

/** The HTTP side of the service: routes, request ids, errors, request metrics. */
export async function buildServer(
  service: Service,
  { logger, requestTimeoutMs }: ServerOptions,
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    genReqId: requestId,
    requestTimeout: requestTimeoutMs,
    // While it stops, the service says so itself, as problem details.
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
  app.setErrorHandler(answerProblem);
  app.setNotFoundHandler((request, reply) =>
    answerProblem(new ServiceError('NOT_FOUND', 'There is no such route.'), request, reply),
  );

  // Bodies of any other type reach the handler unread, which says what it wants instead.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  await app.register(multipart);

  healthRoutes(app, service);
  stylesRoutes(app, service.catalogue);
  encodeStyleRoute(app, service);
  stylizeRoute(app, service);
  return app;
}
