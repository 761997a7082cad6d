import { MAX_SIZE, STROKE_SCALE } from '@stylizer/common';
import { z } from 'zod';
import { PageQuery, pageSchema } from '../common/pagination.js';
import { Id } from '../common/uuid-param.js';
import { type Transformation, TRANSFORMATION_STATUSES } from './transformation.js';

export const StyleId = z.string().min(1).max(100).meta({ example: 'starry-night' });

const number = z.number();

/** What a submission may choose, and a transformation tells. */
export const OPTIONS = {
  strength: number.min(0).max(1).meta({
    description: '0 returns the photo as it was, 1 is the full style.',
    example: 1,
  }),
  preserveColors: z.boolean().meta({
    description: "Keep the photo's colors and take only strokes and light from the style.",
    example: false,
  }),
  maxSize: number.int().min(MAX_SIZE.min).max(MAX_SIZE.max).meta({
    description: "Longest side of the output in pixels; default: the input's.",
    example: 1024,
  }),
  strokeScale: number
    .min(STROKE_SCALE.min)
    .max(STROKE_SCALE.max)
    .meta({
      description:
        "Size of the style's strokes: 2 makes them twice as large. Use it for large outputs, where strokes " +
        'would be hair-thin. The price stays the same. Images: docs/stroke-scale.md in the repository.',
      example: 1,
    }),
  quality: number.int().min(1).max(100).meta({ description: 'JPEG quality.', example: 90 }),
};

const time = z.date().meta({ example: '2026-11-29T08:00:00.000Z' });
const pixels = z.int().positive();
const tiles = z.int().nonnegative();

export const TransformationBody = z
  .object({
    id: Id,
    status: z.enum(TRANSFORMATION_STATUSES),
    styles: z.array(
      z.object({
        id: StyleId,
        weight: z
          .number()
          .min(0)
          .max(1)
          .meta({ description: 'Share in the blend; the shares sum to 1.', example: 1 }),
      }),
    ),
    options: z.object({ ...OPTIONS, maxSize: OPTIONS.maxSize.optional() }),
    price: z.int().nonnegative().meta({ description: 'Tokens.', example: 10 }),
    width: pixels.meta({ description: 'Of the output, in pixels.', example: 1024 }),
    height: pixels.meta({ description: 'Of the output, in pixels.', example: 683 }),
    progress: z
      .object({
        tilesDone: tiles.meta({ example: 12 }),
        tilesTotal: tiles.meta({ example: 144 }),
      })
      .optional()
      .meta({ description: 'Of an image so large that it is stylized in tiles.' }),
    queuedAt: time,
    startedAt: time.nullable(),
    completedAt: time.nullable(),
    inferenceMs: z
      .number()
      .nonnegative()
      .nullable()
      .meta({ description: 'Milliseconds the network ran.', example: 180 }),
    error: z
      .object({
        code: z.string().meta({ example: 'TRANSFORMATION_FAILED' }),
        detail: z.string().meta({ example: 'The image could not be stylized.' }),
      })
      .optional()
      .meta({ description: 'Why it failed; its tokens were refunded.' }),
    resultUrl: z.string().optional().meta({
      description: 'Relative to the address of this API; present once it is completed.',
      example: '/v1/transformations/019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f/result',
    }),
  })
  .meta({ id: 'Transformation' });
export type TransformationBody = z.output<typeof TransformationBody>;

export const TransformationPageBody = pageSchema(TransformationBody).meta({
  id: 'TransformationPage',
});
export type TransformationPageBody = z.output<typeof TransformationPageBody>;

export const TransformationListQuery = PageQuery.extend({
  status: z.enum(TRANSFORMATION_STATUSES).optional(),
});
export type TransformationListQuery = z.output<typeof TransformationListQuery>;

export function transformationBody(transformation: Transformation): TransformationBody {
  const { id, status, styles, options, price, width, height, progress } = transformation;
  const { queuedAt, startedAt, completedAt, inferenceMs, error, result } = transformation;
  return {
    id,
    status,
    styles,
    options,
    price,
    width,
    height,
    ...(progress && { progress }),
    queuedAt,
    startedAt,
    completedAt,
    inferenceMs,
    ...(error && { error }),
    ...(result && { resultUrl: `/v1/transformations/${id}/result` }),
  };
}
