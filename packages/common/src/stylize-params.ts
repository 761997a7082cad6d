import { z } from 'zod';

/** Longest side of the output in pixels. */
export const MAX_SIZE = { min: 64, max: 16_384 } as const;
/** Size of the style's strokes relative to those made at the output's own resolution. */
export const STROKE_SCALE = { min: 0.5, max: 4 } as const;
export const MAX_BLENDED_STYLES = 4;

const weight = z.number().nonnegative().default(1);

/** Codes of images stay below 10; far larger values overflow inside the network. */
const code = z.array(z.number().min(-1_000).max(1_000)).max(4_096);

/** The model that made the code; only that model can use it. Unchecked when absent. */
const model = z.string().max(64).optional();

/** `params` of `POST /v1/stylize` of the inference service. */
export const stylizeParamsSchema = z.strictObject({
  /** Blended by weight; weights are normalized to sum to 1. */
  styles: z
    .array(
      z.union([
        z.strictObject({ id: z.string().max(200), weight }),
        z.strictObject({ code, model, weight }),
      ]),
    )
    .min(1)
    .max(MAX_BLENDED_STYLES)
    .refine((styles) => styles.some((style) => style.weight > 0), 'weights must not sum to zero'),
  /** 0 returns the photo, 1 the full style. */
  strength: z.number().min(0).max(1).default(1),
  /** Keep the photo's chroma and use the style's luma. */
  preserveColors: z.boolean().default(false),
  maxSize: z.number().int().min(MAX_SIZE.min).max(MAX_SIZE.max).optional(),
  /** Size of the style's strokes relative to those made at the output's own resolution. */
  strokeScale: z.number().min(STROKE_SCALE.min).max(STROKE_SCALE.max).default(1),
  /** JPEG quality. */
  quality: z.number().int().min(1).max(100).default(90),
});

export type StylizeParams = z.output<typeof stylizeParamsSchema>;
export type StylizeRequest = z.input<typeof stylizeParamsSchema>;
