import { flag, port, wholeNumber } from '@stylizer/common';
import { z } from 'zod';

/** Secrets published in examples: anybody who reads this repository could forge a token. */
const PUBLISHED_SECRETS = ['change-me-change-me-change-me-change-me'];

const MIN_SECRET_LENGTH = 32;
const MIN_DISTINCT_CHARACTERS = 10;
const ENCRYPTION_KEY_BYTES = 32;

function encryptionKeys(text: string, context: z.RefinementCtx): Map<string, Buffer> {
  const keys = new Map<string, Buffer>();
  for (const entry of text.split(',').filter((entry) => entry.trim())) {
    const [, id = '', base64 = ''] =
      /^\s*([a-z0-9-]{1,32}):([A-Za-z0-9+/_=-]+)\s*$/.exec(entry) ?? [];
    const key = Buffer.from(base64, 'base64');
    if (!id || key.length !== ENCRYPTION_KEY_BYTES || keys.has(id))
      context.addIssue({
        code: 'custom',
        message: 'must be `id:key`, comma-separated, each key 32 bytes: openssl rand -base64 32',
      });
    keys.set(id, key);
  }
  return keys;
}

const schema = z
  .object({
    NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
    /** Address to listen on; `0.0.0.0` in a container. */
    HOST: z.string().default('127.0.0.1'),
    PORT: port(8000),
    /** Prometheus metrics, on a port that no ingress publishes. */
    METRICS_PORT: port(9464),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info'),
    /** Number of trusted proxies in front (X-Forwarded-For); 0: the peer's address counts. */
    TRUSTED_PROXIES: wholeNumber(0, 0, 10),
    /** A connection is closed if its request body stops arriving for this long. */
    REQUEST_IDLE_SECONDS: wholeNumber(30, 1, 3600),
    /** Time to finish requests and jobs at SIGTERM before jobs return to the queue. */
    SHUTDOWN_TIMEOUT_SECONDS: wholeNumber(25, 1, 3600),

    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
    DATABASE_POOL_SIZE: wholeNumber(20, 2, 500),

    /** Signs access tokens (HS256): at least 32 random characters. */
    JWT_SECRET: z
      .string('must be set: at least 32 random characters')
      .min(MIN_SECRET_LENGTH, `must have at least ${MIN_SECRET_LENGTH} characters`),
    /**
     * Encrypt secrets that must be read back: `id:base64 of 32 bytes`, comma-separated. The first encrypts, all
     * decrypt. Without any, a key derived from JWT_SECRET.
     */
    ENCRYPTION_KEYS: z.string().default('').transform(encryptionKeys),
    JWT_ISSUER: z.string().default('stylizer'),
    JWT_AUDIENCE: z.string().default('stylizer-api'),
    ACCESS_TOKEN_SECONDS: wholeNumber(900, 1, 86_400),
    REFRESH_TOKEN_DAYS: wholeNumber(30, 1, 365),
    BCRYPT_COST: wholeNumber(12, 4, 16),

    SIGN_UP_GRANT: wholeNumber(100),
    /** Price of an output of up to PRICE_BASE_MEGAPIXELS, in tokens. */
    PRICE_BASE_TOKENS: wholeNumber(10, 1),
    PRICE_BASE_MEGAPIXELS: wholeNumber(2, 1),
    /** Added for each further started PRICE_STEP_MEGAPIXELS. */
    PRICE_STEP_TOKENS: wholeNumber(5),
    PRICE_STEP_MEGAPIXELS: wholeNumber(2, 1),
    /** Price of a custom style, in tokens; 0: free. */
    STYLE_PRICE_TOKENS: wholeNumber(5, 0, 1_000_000),
    /** Custom styles of one user, including those being made. */
    CUSTOM_STYLES_PER_USER: wholeNumber(50, 0, 1_000),
    /** An available balance that falls below this writes a `tokens.low` event; 0: never. */
    TOKENS_LOW_BELOW: wholeNumber(20),
    /** An older hold is released, and its transformation fails. */
    HOLD_HOURS: wholeNumber(24, 1, 720),
    /** Images of a transformation are deleted this long after its submission. */
    RETENTION_DAYS: wholeNumber(30, 1, 3650),

    MAX_IMAGE_BYTES: wholeNumber(60_000_000, 1),
    /** Limit for the upload and for the output. */
    MAX_IMAGE_PIXELS: wholeNumber(100_000_000, 256),
    /** Bytes of all uploads in memory at once; further uploads get 503 with Retry-After. */
    UPLOAD_MEMORY_BYTES: wholeNumber(400_000_000, 1_000_000),

    INFERENCE_URL: z.url().default('http://127.0.0.1:8001'),
    /** For one image, from the first byte sent to the last byte received. */
    INFERENCE_TIMEOUT_SECONDS: wholeNumber(900, 1, 3600),

    /** Whether the api process also runs a worker. */
    WORKER_ENABLED: flag(true),
    /** Transformations that one process works on at once. */
    WORKER_CONCURRENCY: wholeNumber(4, 1, 256),
    /** The same for large transformations, which take minutes and have separate workers. */
    WORKER_LARGE_CONCURRENCY: wholeNumber(1, 1, 64),

    STORAGE_DRIVER: z.enum(['disk', 's3']).default('disk'),
    STORAGE_DIR: z.string().default('.data/storage'),
    STORAGE_S3_BUCKET: z.string().optional(),
    STORAGE_S3_REGION: z.string().default('us-east-1'),
    /** For S3-compatible servers other than AWS. */
    STORAGE_S3_ENDPOINT: z.url().optional(),
    /** Without these two the SDK looks for credentials itself (environment, instance role, …). */
    STORAGE_S3_ACCESS_KEY_ID: z.string().optional(),
    STORAGE_S3_SECRET_ACCESS_KEY: z.string().optional(),
    STORAGE_S3_FORCE_PATH_STYLE: flag(false),

    RATE_LIMIT_REGISTER_PER_MINUTE: wholeNumber(120, 1),
    /** Failed logins per address and e-mail in 15 minutes. */
    RATE_LIMIT_LOGIN_FAILURES: wholeNumber(30, 1),
    RATE_LIMIT_SUBMIT_PER_MINUTE: wholeNumber(600, 1),

    /** Where this service is reached from outside, for links in mails. */
    PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:8000'),
    /** `smtp://user:password@host:587`, or `log:` to print mail instead. */
    SMTP_URL: z
      .url({ protocol: /^(smtps?|log)$/, error: 'must be smtp://…, smtps://… or log:' })
      .default('log:'),
    MAIL_FROM: z.string().default('Stylizer <no-reply@localhost>'),

    /** Exports that an account may ask for in 24 hours. */
    ACCOUNT_EXPORTS_PER_DAY: wholeNumber(3, 1, 100),
    /** Images that would make an export larger are left out of it, and listed. */
    ACCOUNT_EXPORT_MAX_BYTES: wholeNumber(1_000_000_000, 1_000_000, 4_000_000_000),
    /** An export is deleted this long after it was asked for. */
    ACCOUNT_EXPORT_DAYS: wholeNumber(7, 1, 90),
    /** How long a deletion can be withdrawn. */
    ACCOUNT_DELETION_DAYS: wholeNumber(7, 0, 90),
    /** Where to report vulnerabilities, in `/.well-known/security.txt`: a mailto:, https: or tel: URI. */
    SECURITY_CONTACT: z
      .url({ protocol: /^(mailto|https|tel)$/, error: 'must be a mailto:, https: or tel: URI' })
      .optional(),

    /** Loads the New Relic agent if set. */
    NEW_RELIC_LICENSE_KEY: z.string().optional(),
  })
  .superRefine((config, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (config.NODE_ENV === 'production') {
      if (PUBLISHED_SECRETS.includes(config.JWT_SECRET))
        refuse('JWT_SECRET', 'is the published example; make one: openssl rand -base64 48');
      else if (new Set(config.JWT_SECRET).size < MIN_DISTINCT_CHARACTERS)
        refuse('JWT_SECRET', 'is too regular to be random; make one: openssl rand -base64 48');
      if (config.BCRYPT_COST < 10) refuse('BCRYPT_COST', 'must be at least 10 in production');
    }
    if (config.UPLOAD_MEMORY_BYTES < config.MAX_IMAGE_BYTES)
      refuse('UPLOAD_MEMORY_BYTES', 'must be at least MAX_IMAGE_BYTES');
    if (config.STORAGE_DRIVER === 's3' && !config.STORAGE_S3_BUCKET)
      refuse('STORAGE_S3_BUCKET', 'must be set when STORAGE_DRIVER is s3');
    if (!config.STORAGE_S3_ACCESS_KEY_ID !== !config.STORAGE_S3_SECRET_ACCESS_KEY)
      refuse('STORAGE_S3_SECRET_ACCESS_KEY', 'and STORAGE_S3_ACCESS_KEY_ID go together');
  });

export { schema as configSchema };
export type Config = z.output<typeof schema>;
