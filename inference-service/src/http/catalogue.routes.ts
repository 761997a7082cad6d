import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../errors.js';
import type { Catalogue } from '../model/catalogue.js';

/** `GET /v1/styles` and each style's preview. */
export function catalogueRoutes(app: FastifyInstance, catalogue: Catalogue): void {
  const items = catalogue.list().map(({ code: _code, ...style }) => ({
    ...style,
    ...(catalogue.preview(style.id) && { previewUrl: `/v1/styles/${style.id}/preview` }),
  }));

  app.get('/v1/styles', () => ({ items }));

  app.get<{ Params: { id: string } }>('/v1/styles/:id/preview', (request, reply) => {
    const preview = catalogue.preview(request.params.id);
    if (!preview)
      throw new ServiceError('STYLE_NOT_FOUND', 'This style does not exist or has no preview.');
    void reply.headers({ etag: preview.etag, 'cache-control': 'public, max-age=3600' });
    if (request.headers['if-none-match'] === preview.etag) return reply.code(304).send();
    return reply.type('image/webp').send(preview.webp);
  });
}
