import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { DomainError } from './domain-error.js';

/** Bodies, queries and path parameters against the schema that their decorator names. */
export class SchemaPipe implements PipeTransform {
  /** @throws DomainError VALIDATION_FAILED naming each bad field */
  transform(value: unknown, { schema, data }: ArgumentMetadata): unknown {
    return schema instanceof z.ZodType ? parse(schema, value ?? {}, data) : value;
  }
}

/**
 * @param under what goes before each path
 * @throws DomainError VALIDATION_FAILED naming each bad field
 */
export function parse<T extends z.ZodType>(schema: T, value: unknown, under?: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => {
    const path = [...(under ? [under] : []), ...issue.path].map(String);
    if (issue.code !== 'unrecognized_keys')
      return [{ path: path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: `property ${key} should not exist`,
    }));
  });
  const detail = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message));
  throw new DomainError('VALIDATION_FAILED', detail.join('; '), { errors });
}
