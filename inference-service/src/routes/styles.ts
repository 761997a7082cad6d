import type { FastifyInstance } from 'fastify';
import type { Catalogue, Style } from '../model/catalogue.js';
import { ServiceError } from '../service-error.js';

/** `GET /v1/styles` and each style's preview. */
export function stylesRoutes(app: FastifyInstance, catalogue: Catalogue): void {
  const items = catalogue.list().map((style) => ({
    ...describe(style),
    ...(catalogue.preview(style.id) && { previewUrl: `/v1/styles/${style.id}/preview` }),
  }));

  app.get('/v1/styles', () => ({ items }));

  app.get<{ Params: { id: string } }>('/v1/styles/:id/preview', (request, reply) => {
    const preview = catalogue.preview(request.params.id);
    if (!preview)
      throw new ServiceError('STYLE_NOT_FOUND', 'There is no such style, or it has no preview.');
    void reply.headers({ etag: preview.etag, 'cache-control': 'public, max-age=3600' });
    if (request.headers['if-none-match'] === preview.etag) return reply.code(304).send();
    return reply.type('image/webp').send(preview.webp);
  });
}

const describe = ({ id, name, description, tags, source }: Style) => ({
  id,
  name,
  description,
  tags,
  source,
});
