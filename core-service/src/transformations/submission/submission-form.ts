import { MAX_BLENDED_STYLES } from '@stylizer/common';
import { z } from 'zod';
import { invalid } from '../../common/domain-error.js';
import { Id } from '../../common/uuid-param.js';
import { parse } from '../../common/validation.js';
import { fromText, IMAGE, IMAGE_URL, ONE_IMAGE, singleFields } from '../../uploads/form-fields.js';
import { WebhookUrl } from '../../webhooks/webhooks.dto.js';
import { OPTIONS, StyleId } from '../transformation.dto.js';
import type { TransformationOptions, WeightedStyle } from '../transformation.js';

export interface SubmissionForm {
  styles: WeightedStyle[];
  options: TransformationOptions;
  quoteId?: string;
  webhookUrl?: string;
}

const Options = z.strictObject({
  strength: fromText(OPTIONS.strength.default(1)),
  preserveColors: fromText(OPTIONS.preserveColors.default(false)),
  maxSize: fromText(OPTIONS.maxSize.optional()),
  strokeScale: fromText(OPTIONS.strokeScale.default(1)),
  quality: fromText(OPTIONS.quality.default(90)),
  quoteId: Id.optional().meta({
    description: 'From `POST /v1/transformations/quote`: you pay its price.',
  }),
});

const Blend = z
  .array(z.strictObject({ id: StyleId, weight: z.number().nonnegative().default(1) }))
  .min(1)
  .max(MAX_BLENDED_STYLES);

/** The multipart body, for the API document. */
export const SubmissionBody = Options.extend({
  image: IMAGE.optional(),
  imageUrl: IMAGE_URL,
  style: z.array(StyleId).min(1).max(MAX_BLENDED_STYLES).optional().meta({
    description: 'Id of a style from `GET /v1/styles`; repeat the part to blend in equal shares.',
  }),
  styles: z.string().optional().meta({
    description:
      'Instead of `style`: JSON with 1 to 4 styles and their weights, `[{"id":"starry-night","weight":0.7},{"id":"great-wave","weight":0.3}]`.',
    minLength: 1,
    format: 'weighted-styles',
  }),
  webhookUrl: WebhookUrl.optional().meta({
    description:
      'Where we post the end of this transformation, signed with the secret of your webhook endpoint without a `url`.',
  }),
}).meta({
  oneOf: [{ required: ['style'] }, { required: ['styles'] }],
  allOf: [{ oneOf: ONE_IMAGE }],
});

/**
 * The text parts of a submission: `style` (repeatable) or `styles` (JSON), and the options.
 *
 * @throws DomainError VALIDATION_FAILED naming each bad part
 */
export function parseSubmissionForm(fields: Map<string, string[]>): SubmissionForm {
  const style = fields.get('style')?.filter(Boolean);
  const { styles, webhookUrl, ...others } = singleFields(fields, 'style');
  const { quoteId, ...options } = parse(Options, others);
  return {
    options,
    styles: parseStyles(style, styles),
    ...(quoteId && { quoteId }),
    ...(webhookUrl && { webhookUrl: parse(WebhookUrl, webhookUrl, 'webhookUrl') }),
  };
}

function parseStyles(style: string[] = [], styles: string | undefined): WeightedStyle[] {
  if (style.length > 0 && styles)
    throw invalid('styles', 'send either "style" or "styles", not both');
  if (style.length === 0 && !styles)
    throw invalid('style', 'is missing: name a style from GET /v1/styles');
  const blend = styles
    ? parse(Blend, fromJson(styles), 'styles')
    : parse(
        Blend,
        style.map((id) => ({ id })),
        'style',
      );
  const total = blend.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0) || !Number.isFinite(total))
    throw invalid('styles', 'the weights must sum to a finite number above zero');
  return blend.map(({ id, weight }) => ({ id, weight: weight / total }));
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('styles', 'must be JSON: [{"id": "…", "weight": 0.7}, …]');
  }
}
