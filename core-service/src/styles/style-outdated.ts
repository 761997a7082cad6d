import { DomainError } from '../common/domain-error.js';

/** Its code is of a model that is gone, and there is no picture to encode anew. */
export function styleOutdated(id: string, cause?: unknown): DomainError {
  return new DomainError(
    'STYLE_OUTDATED',
    `The style "${id}" was made for an earlier model and cannot be used any more. ` +
      'Make it again from its picture (POST /v1/styles). Nothing was charged.',
    { cause },
  );
}
