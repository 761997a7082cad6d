import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Metrics } from './metrics.js';

/** Adds X-Request-Id to every answer; writes one log line and one observation per request. */
export function observeRequests(app: NestFastifyApplication): void {
  const { requestSeconds } = app.get(Metrics);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    const { statusCode, elapsedTime } = reply;
    requestSeconds.observe({ method, route, status: statusCode }, elapsedTime / 1000);
    const level = route.startsWith('/health') ? 'debug' : 'info';
    request.log[level](
      {
        method,
        route,
        path: request.url.split('?', 1)[0],
        statusCode,
        ms: Math.round(elapsedTime),
      },
      'request',
    );
  });
}
