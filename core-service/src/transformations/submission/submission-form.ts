import { MAX_BLENDED_STYLES, MAX_SIZE, STROKE_SCALE } from '@stylizer/common';
import { z } from 'zod';
import { DomainError, invalid } from '../../common/domain-error.js';
import type { TransformationOptions, WeightedStyle } from '../transformation.js';

export interface SubmissionForm {
  styles: WeightedStyle[];
  options: TransformationOptions;
}

const number = z
  .string()
  .trim()
  .regex(/^-?\d+(\.\d+)?$/, 'must be a number')
  .transform(Number);

const optionsSchema = z.strictObject({
  strength: number.pipe(z.number().min(0).max(1)).default(1),
  preserveColors: z
    .enum(['true', 'false'], 'must be true or false')
    .transform((value) => value === 'true')
    .default(false),
  maxSize: number.pipe(z.int().min(MAX_SIZE.min).max(MAX_SIZE.max)).optional(),
  strokeScale: number.pipe(z.number().min(STROKE_SCALE.min).max(STROKE_SCALE.max)).default(1),
  quality: number.pipe(z.int().min(1).max(100)).default(90),
});

const blendSchema = z
  .array(
    z.strictObject({
      id: z.string().min(1).max(100),
      weight: z.number().nonnegative().default(1),
    }),
  )
  .min(1)
  .max(MAX_BLENDED_STYLES);

/**
 * The text parts of a submission: `style` (repeatable) or `styles` (JSON), and the options.
 *
 * @throws DomainError VALIDATION_FAILED naming each bad part
 */
export function parseSubmissionForm(fields: Map<string, string[]>): SubmissionForm {
  // Web forms send empty fields: they count as absent.
  const filled = [...fields].map(([name, values]) => [name, values.filter(Boolean)] as const);
  const { style, styles, ...rest } = Object.fromEntries(
    filled.filter(([, values]) => values.length),
  );
  const single: Record<string, string> = {};
  for (const [name, values] of Object.entries(rest)) {
    const [value, ...more] = values;
    if (more.length > 0) throw invalid(name, 'was sent twice');
    if (value !== undefined) single[name] = value;
  }
  const options = optionsSchema.safeParse(single);
  if (!options.success) throw refused(options.error);
  return { styles: parseStyles(style, styles), options: options.data };
}

function parseStyles(style: string[] | undefined, styles: string[] | undefined): WeightedStyle[] {
  if (style && styles) throw invalid('styles', 'send either "style" or "styles", not both');
  if (styles && styles.length > 1) throw invalid('styles', 'was sent twice');
  if (!style && !styles) throw invalid('style', 'is missing: name a style from GET /v1/styles');
  const wanted = style ? style.map((id) => ({ id })) : fromJson(styles?.[0] ?? '');
  const blend = blendSchema.safeParse(wanted);
  if (!blend.success) throw refused(blend.error, style ? 'style' : 'styles');
  const total = blend.data.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0) || !Number.isFinite(total))
    throw invalid('styles', 'the weights must sum to a finite number above zero');
  return blend.data.map(({ id, weight }) => ({ id, weight: weight / total }));
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('styles', 'must be JSON: [{"id": "…", "weight": 0.7}, …]');
  }
}

function refused(error: z.ZodError, under?: string): DomainError {
  const errors = error.issues.flatMap((issue) => {
    const path = [under, ...issue.path]
      .filter((part) => part !== undefined)
      .map(String)
      .join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [path, key].filter(Boolean).join('.'),
        message: 'is not a field of this route',
      }));
    return [{ path, message: issue.message }];
  });
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new DomainError('VALIDATION_FAILED', detail, { errors });
}
