import { z } from 'zod';
import type { CatalogueStyle } from '../inference/inference.js';
import type { CustomStyle } from './custom-style.js';

export const StyleBody = z
  .object({
    id: z.string().meta({ description: 'A UUID if it is custom.', example: 'starry-night' }),
    name: z.string().meta({ example: 'The Starry Night' }),
    kind: z.enum(['catalogue', 'custom']),
    description: z.string().optional(),
    source: z.string().optional().meta({ description: 'The work that the style comes from.' }),
    tags: z.array(z.string()).meta({ example: ['painting'] }),
    previewUrl: z.string().meta({
      description: 'WebP; relative to the address of this API.',
      example: '/v1/styles/starry-night/preview',
    }),
    createdAt: z.date().optional().meta({ description: 'Of custom styles.' }),
  })
  .meta({ id: 'Style' });
export type StyleBody = z.output<typeof StyleBody>;

export const StyleListBody = z.object({ items: z.array(StyleBody) }).meta({ id: 'StyleList' });
export type StyleListBody = z.output<typeof StyleListBody>;

export function catalogueStyleBody(style: CatalogueStyle): StyleBody {
  const { id, name, description, source, tags } = style;
  return {
    id,
    name,
    kind: 'catalogue',
    ...(description && { description }),
    ...(source && { source }),
    tags: tags ?? [],
    previewUrl: `/v1/styles/${encodeURIComponent(id)}/preview`,
  };
}

export function customStyleBody({ id, name, createdAt }: CustomStyle): StyleBody {
  return {
    id,
    name,
    kind: 'custom',
    tags: [],
    previewUrl: `/v1/styles/${id}/preview`,
    createdAt,
  };
}
