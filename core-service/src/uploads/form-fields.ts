import { MIN_SIDE } from '@stylizer/common';
import { z } from 'zod';
import { invalid } from '../common/domain-error.js';
import { MAX_URL_LENGTH } from '../outgoing/outgoing-rules.js';

/** The file part of a form, for the API document; its bytes are read apart. */
export const IMAGE = z.string().meta({
  format: 'binary',
  description:
    `JPEG, PNG, WebP, AVIF, GIF or TIFF (first frame), each side at least ${MIN_SIDE} pixels, up to 60 MB and ` +
    '100 megapixels (AVIF: 25) unless the service is configured otherwise. Its content counts, not its name.',
});

/** Instead of {@link IMAGE}. */
export const IMAGE_URL = z
  .url()
  .max(MAX_URL_LENGTH)
  .optional()
  .meta({
    description:
      'Instead of `image`: where we fetch it, within the same limits and 15 seconds. An https URL on a public ' +
      'address, without a user or password; at most three redirects. An `Idempotency-Key` stands for the URL, ' +
      'not for what is behind it.',
  });

/** What makes one of the two required, for the API document. */
export const ONE_IMAGE = [{ required: ['image'] }, { required: ['imageUrl'] }];

const DECIMAL = /^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i;

/** A number or boolean in a form, where everything is text. */
export function fromText<T extends z.ZodType>(schema: T) {
  return z.preprocess((text) => {
    if (typeof text !== 'string') return text;
    if (text === 'true' || text === 'false') return text === 'true';
    return DECIMAL.test(text) ? Number(text) : text;
  }, schema);
}

/**
 * The parts that may be sent once, by name. A form on a web page sends empty ones along: they count as
 * absent.
 *
 * @throws DomainError VALIDATION_FAILED naming the part that was sent twice
 */
export function singleFields(
  fields: Map<string, string[]>,
  ...others: string[]
): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, values] of fields) {
    const [value, ...more] = values.filter(Boolean);
    if (value === undefined || others.includes(name)) continue;
    if (more.length > 0) throw invalid(name, 'was sent twice');
    single[name] = value;
  }
  return single;
}
