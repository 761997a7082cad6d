/** Every reason to refuse a request. Stable: clients branch on these. */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'WEAK_PASSWORD'
  | 'UNAUTHENTICATED'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_REFRESH_TOKEN'
  | 'REFRESH_TOKEN_REUSED'
  | 'INSUFFICIENT_TOKENS'
  | 'INSUFFICIENT_SCOPE'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'STYLE_NOT_FOUND'
  | 'EMAIL_TAKEN'
  | 'STYLE_QUOTA_EXCEEDED'
  | 'STYLE_OUTDATED'
  | 'NOT_READY'
  | 'NOT_CANCELLABLE'
  | 'TRANSFORMATION_IN_PROGRESS'
  | 'TRANSFORMATION_CANCELLED'
  | 'IDEMPOTENCY_KEY_IN_USE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'RESULT_EXPIRED'
  | 'IMAGE_TOO_LARGE'
  | 'UNSUPPORTED_IMAGE'
  | 'IMAGE_UNREADABLE'
  | 'IMAGE_TOO_SMALL'
  | 'RATE_LIMITED'
  | 'OVERLOADED'
  | 'TRANSFORMATION_FAILED'
  | 'INFERENCE_UNAVAILABLE'
  | 'STORAGE_FULL'
  | 'STORAGE_UNAVAILABLE'
  | 'ACCOUNT_DELETED'
  | 'REAUTHENTICATION_REQUIRED'
  | 'EXPORT_IN_PROGRESS';

export interface FieldError {
  /** Dotted path of the field, or the name of the header or part. */
  path: string;
  message: string;
}

interface Particulars {
  errors?: FieldError[];
  /** Sent as Retry-After. */
  retryAfterSeconds?: number;
  /** Further response headers. */
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A refusal in domain terms; only the error filter turns it into HTTP. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly errors?: FieldError[];
  readonly retryAfterSeconds?: number;
  readonly headers: Record<string, string>;

  constructor(
    readonly code: ErrorCode,
    /** For the caller: what is wrong and what to do. */
    detail: string,
    particulars: Particulars = {},
  ) {
    super(detail, { cause: particulars.cause });
    this.errors = particulars.errors;
    this.retryAfterSeconds = particulars.retryAfterSeconds;
    this.headers = particulars.headers ?? {};
  }
}

export function invalid(path: string, message: string): DomainError {
  return new DomainError('VALIDATION_FAILED', `${path}: ${message}`, {
    errors: [{ path, message }],
  });
}
