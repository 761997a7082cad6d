import { type ValidationError, ValidationPipe } from '@nestjs/common';
import { DomainError, type FieldError } from './domain-error.js';

/** Bodies and queries against their DTO; unknown fields are refused. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: (errors) => {
      const fields = errors.flatMap((error) => fieldErrors(error));
      return new DomainError(
        'VALIDATION_FAILED',
        fields.map(({ message }) => message).join('; ') || 'The request is not valid.',
        { errors: fields },
      );
    },
  });
}

function fieldErrors(error: ValidationError, parent = ''): FieldError[] {
  const path = parent ? `${parent}.${error.property}` : error.property;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ path, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, path))];
}
