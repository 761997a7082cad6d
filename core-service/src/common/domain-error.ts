/** Every reason to refuse a request. Stable: clients branch on these. */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'WEAK_PASSWORD'
  | 'UNAUTHENTICATED'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_REFRESH_TOKEN'
  | 'REFRESH_TOKEN_REUSED'
  | 'INVALID_TOKEN'
  | 'INSUFFICIENT_TOKENS'
  | 'INSUFFICIENT_SCOPE'
  | 'KEY_BUDGET_EXCEEDED'
  | 'ADDRESS_NOT_ALLOWED'
  | 'ACCOUNT_SUSPENDED'
  | 'OPERATOR_ONLY'
  | 'API_KEY_QUOTA_EXCEEDED'
  | 'OWN_ACCOUNT'
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
  | 'PACK_NOT_FOUND'
  | 'QUOTE_NOT_FOUND'
  | 'QUOTE_MISMATCH'
  | 'INVALID_SIGNATURE'
  | 'PAYMENTS_NOT_CONFIGURED'
  | 'PAYMENTS_UNAVAILABLE'
  | 'OVERLOADED'
  | 'TRANSFORMATION_FAILED'
  | 'INFERENCE_UNAVAILABLE'
  | 'STORAGE_FULL'
  | 'STORAGE_UNAVAILABLE'
  | 'ACCOUNT_DELETED'
  | 'EXPORT_IN_PROGRESS'
  | 'URL_NOT_ALLOWED'
  | 'URL_UNREACHABLE'
  | 'WEBHOOK_QUOTA_EXCEEDED'
  | 'WEBHOOK_ENDPOINT_DISABLED'
  | 'WEBHOOK_SECRET_REQUIRED'
  | 'WEBHOOK_URL_MISSING'
  | 'EMAIL_NOT_ALLOWED'
  | 'PROOF_OF_WORK_REQUIRED'
  | 'PROOF_OF_WORK_INVALID'
  | 'SECOND_FACTOR_REQUIRED'
  | 'INVALID_CODE'
  | 'INVALID_CHALLENGE'
  | 'INVALID_PASSKEY'
  | 'IDENTITY_REFUSED'
  | 'REAUTHENTICATION_REQUIRED'
  | 'PROVIDER_NOT_FOUND'
  | 'TOTP_ENABLED'
  | 'TOTP_NOT_ENABLED'
  | 'PASSKEY_EXISTS'
  | 'PASSKEY_QUOTA_EXCEEDED'
  | 'ACCOUNT_EXISTS'
  | 'EMAIL_NOT_VERIFIED'
  | 'IDENTITY_TAKEN'
  | 'LAST_SIGN_IN_METHOD'
  | 'PROVIDER_UNAVAILABLE';

export const SECOND_FACTORS = ['totp', 'recovery-code', 'passkey'] as const;

/** Further members of an error's body (RFC 9457, section 3.2). */
export interface ProblemMembers {
  /** Of SECOND_FACTOR_REQUIRED: what `POST /v1/auth/second-factor` wants. */
  challenge?: string;
  /** Of SECOND_FACTOR_REQUIRED: what the account can answer with. */
  methods?: (typeof SECOND_FACTORS)[number][];
}

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
  members?: ProblemMembers;
  cause?: unknown;
}

/** A refusal in domain terms; only the error filter turns it into HTTP. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly errors?: FieldError[];
  readonly retryAfterSeconds?: number;
  readonly headers: Record<string, string>;
  readonly members?: ProblemMembers;

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
    this.members = particulars.members;
  }
}

export function invalid(path: string, message: string): DomainError {
  return new DomainError('VALIDATION_FAILED', `${path}: ${message}`, {
    errors: [{ path, message }],
  });
}
