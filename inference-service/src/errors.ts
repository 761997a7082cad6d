import type { ImageRejectionCode } from '@stylizer/common';

export type ErrorCode =
  | ImageRejectionCode
  | 'VALIDATION_FAILED'
  | 'STYLE_NOT_FOUND'
  | 'MODEL_MISMATCH'
  | 'NOT_FOUND'
  | 'BUSY'
  | 'DISK_FULL'
  | 'UNAVAILABLE'
  | 'INTERRUPTED'
  | 'INTERNAL';

export interface FieldError {
  /** Dotted, as in `params.styles.0.weight`. */
  path: string;
  message: string;
}

/** An error with a stable code; `message` is meant for the caller. */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class ValidationFailed extends ServiceError {
  override readonly name = 'ValidationFailed';
  constructor(
    readonly errors: FieldError[],
    options?: ErrorOptions,
  ) {
    super('VALIDATION_FAILED', errors.map((error) => error.message).join(' '), options);
  }
}

export class Busy extends ServiceError {
  override readonly name = 'Busy';
  constructor(readonly retryAfterSeconds: number) {
    super('BUSY', `The queue is full; try again in ${retryAfterSeconds} s.`);
  }
}

/** Work stopped because the client disconnected. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor() {
    super('The client disconnected.');
  }
}
