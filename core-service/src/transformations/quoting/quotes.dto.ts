import { MAX_BLENDED_STYLES, MAX_SIDE, MIN_SIDE } from '@stylizer/common';
import { z } from 'zod';
import { Id } from '../../common/uuid-param.js';
import { OPTIONS, StyleId } from '../transformation.dto.js';
import type { Quote } from './quotes.repository.js';
import type { WeightedStyle } from '../transformation.js';

const side = z.int().min(MIN_SIDE).max(MAX_SIDE);

export const QuoteRequestBody = z
  .strictObject({
    width: side.meta({ description: 'Of the image, in pixels.', example: 4000 }),
    height: side.meta({ description: 'Of the image, in pixels.', example: 3000 }),
    style: z
      .union([StyleId, z.array(StyleId).min(1).max(MAX_BLENDED_STYLES)])
      .optional()
      .meta({
        description: 'One id, or several to blend in equal shares.',
        example: 'starry-night',
      }),
    styles: z
      .array(z.strictObject({ id: StyleId, weight: z.number().nonnegative().max(1e6).default(1) }))
      .min(1)
      .max(MAX_BLENDED_STYLES)
      .optional()
      .meta({
        description: 'Instead of `style`: 1 to 4 styles and their weights.',
        example: undefined,
      }),
    strength: OPTIONS.strength.default(1),
    preserveColors: OPTIONS.preserveColors.default(false),
    maxSize: OPTIONS.maxSize.optional(),
    strokeScale: OPTIONS.strokeScale.default(1),
    quality: OPTIONS.quality.default(90),
  })
  .refine(({ style, styles }) => !style !== !styles, {
    path: ['style'],
    error: 'send either "style" or "styles"',
  })
  .meta({ id: 'QuoteRequest', oneOf: [{ required: ['style'] }, { required: ['styles'] }] });
export type QuoteRequestBody = z.output<typeof QuoteRequestBody>;

export const QuoteBody = z
  .object({
    id: Id,
    price: z.int().nonnegative().meta({ description: 'Tokens.', example: 35 }),
    width: z.int().positive().meta({ description: 'Of the output, in pixels.', example: 4000 }),
    height: z.int().positive().meta({ description: 'Of the output, in pixels.', example: 3000 }),
    expiresAt: z.date().meta({ example: '2026-11-29T08:15:00.000Z' }),
  })
  .meta({ id: 'Quote' });
export type QuoteBody = z.output<typeof QuoteBody>;

export function quoteBody({ id, price, width, height, expiresAt }: Quote): QuoteBody {
  return { id, price, width, height, expiresAt };
}

export function stylesOf(
  style: string | string[] | undefined,
  styles: WeightedStyle[] = [],
): WeightedStyle[] {
  return style ? [style].flat().map((id) => ({ id, weight: 1 })) : styles;
}
