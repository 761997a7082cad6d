import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.js';

/** Probes and metrics. Not logged: they are called every few seconds. */
export function healthRoutes(app: FastifyInstance, service: Service): void {
  const quiet = { logLevel: 'warn' } as const;

  app.get('/health/live', quiet, () => ({ status: 'ok' }));

  app.get('/health/ready', quiet, (_request, reply) =>
    reply.code(service.phase === 'ready' ? 200 : 503).send({
      status: service.phase,
      ...service.poolState(),
    }),
  );

  app.get('/metrics', quiet, async (_request, reply) => {
    const { registry } = service.metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
