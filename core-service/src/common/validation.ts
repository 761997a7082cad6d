import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { DomainError } from './domain-error.js';

/** Bodies, queries and path parameters against the schema that their decorator names. */
export class SchemaPipe implements PipeTransform {
  /** @throws DomainError VALIDATION_FAILED naming each bad field */
  transform(value: unknown, { schema, data }: ArgumentMetadata): unknown {
    // No body counts as an empty one; the body `null` is none.
    return schema instanceof z.ZodType
      ? parse(schema, value === undefined ? {} : value, data)
      : value;
  }
}

/**
 * @param under what goes before each path
 * @throws DomainError VALIDATION_FAILED naming each bad field
 */
export function parse<T extends z.ZodType>(schema: T, value: unknown, under?: string): z.output<T> {
  const result = schema.safeParse(value, { error: messageOf });
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(ofClosestVariant).flatMap((issue) => {
    const path = [...(under ? [under] : []), ...issue.path].map(String);
    if (issue.code !== 'unrecognized_keys')
      return [{ path: path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: 'is not a field of this route',
    }));
  });
  const detail = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  throw new DomainError('VALIDATION_FAILED', detail.join('; '), { errors });
}

/** Of a union, what is wrong with the variant that comes closest. */
function ofClosestVariant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [closest = []] = issue.errors.toSorted((one, other) => one.length - other.length);
  return closest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** In place of zod's own messages, which name types and operators; a schema's own message comes first. */
function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined
      ? 'is missing'
      : `must be ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_small') return `must ${limited(issue.origin, 'at least', issue.minimum)}`;
  if (issue.code === 'too_big') return `must ${limited(issue.origin, 'at most', issue.maximum)}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  return undefined;
}

const KINDS: Partial<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function limited(origin: string, which: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${which} ${limit} characters`;
  return origin === 'array' ? `have ${which} ${limit} items` : `be ${which} ${limit}`;
}
