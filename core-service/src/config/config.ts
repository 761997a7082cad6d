import { flag, port, wholeNumber } from '@stylizer/common';
import { z } from 'zod';
import { asymmetricKeys } from './asymmetric-keys.js';
import { origins } from './origins.js';
import { oidcProviders, urls } from './sign-in.js';
import { list, networks, portRanges } from './outgoing-variables.js';

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

const DEFAULT_PACKS = JSON.stringify([
  { id: 'pack-100', tokens: 100, amount: 500 },
  { id: 'pack-500', tokens: 500, amount: 2000 },
  { id: 'pack-2500', tokens: 2500, amount: 8000 },
]);
const packList = z
  .array(
    z.strictObject({
      id: z.string().regex(/^[a-z0-9-]{1,64}$/),
      tokens: z.int().min(1).max(1_000_000_000),
      amount: z.int().min(1).max(99_999_999),
    }),
  )
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length);

function packs(text: string, context: z.RefinementCtx): z.output<typeof packList> {
  try {
    return packList.parse(JSON.parse(text));
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'must be JSON such as [{"id":"pack-100","tokens":100,"amount":500}], each id once',
    });
    return z.NEVER;
  }
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
    /** API keys of one user that are not revoked. */
    API_KEYS_PER_USER: wholeNumber(50, 0, 1_000),
    /** An available balance that falls below this writes a `tokens.low` event; 0: never. */
    TOKENS_LOW_BELOW: wholeNumber(20),
    /** An older hold is released, and its transformation fails. */
    HOLD_HOURS: wholeNumber(24, 1, 720),
    /** Images of a transformation are deleted this long after its submission. */
    RETENTION_DAYS: wholeNumber(30, 1, 3650),

    /** Packs on sale: JSON, `[{"id", "tokens", "amount"}]`; amounts in the currency's smallest unit, before tax. */
    TOKEN_PACKS: z.string().default(DEFAULT_PACKS).transform(packs),
    /** ISO 4217, lower case. */
    PAYMENT_CURRENCY: z
      .string()
      .regex(/^[a-z]{3}$/, 'must be three lower-case letters')
      .default('eur'),
    /** Without these two, nothing is sold. */
    STRIPE_SECRET_KEY: z.string().optional(),
    STRIPE_WEBHOOK_SECRET: z.string().optional(),
    STRIPE_API_URL: z.url().default('https://api.stripe.com'),
    /** Stripe Tax: whether it adds tax to the amounts, finds it in them, or stays out. */
    STRIPE_TAX: z.enum(['off', 'inclusive', 'exclusive']).default('off'),
    CHECKOUT_SUCCESS_URL: z.url().optional(),
    CHECKOUT_CANCEL_URL: z.url().optional(),

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
    /** Failed logins to one account, from any address, before each further one has to wait. */
    RATE_LIMIT_LOGIN_ACCOUNT_FAILURES: wholeNumber(10, 2),
    /** Registrations per IPv4 /24 or IPv6 /64. */
    RATE_LIMIT_REGISTER_NETWORK_PER_MINUTE: wholeNumber(240, 1),
    /** Requests to the routes for signing in and up, per address. */
    RATE_LIMIT_AUTH_PER_MINUTE: wholeNumber(300, 1),
    /** Points of one account in one process: one for a request and one for each megabyte sent or received. */
    RATE_LIMIT_REQUESTS_PER_MINUTE: wholeNumber(3_000, 1),
    /** Of one account in one process, at once. */
    EVENT_STREAMS_PER_ACCOUNT: wholeNumber(20, 1),
    WAITING_SUBMISSIONS_PER_ACCOUNT: wholeNumber(100, 1),
    UPLOADS_PER_ACCOUNT: wholeNumber(20, 1),
    /** Connections of one address; without effect behind proxies, whose address it would be. */
    MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1_000, 1),
    /** A connection is closed if the head of a request takes longer. */
    REQUEST_HEAD_SECONDS: wholeNumber(15, 1, 3600),
    /** The same for the whole request, its upload included. */
    REQUEST_SECONDS: wholeNumber(900, 1, 86_400),
    /** Bytes of a body that must arrive in each REQUEST_IDLE_SECONDS, and of a download be taken in four times that. */
    REQUEST_IDLE_BYTES: wholeNumber(1_024, 1),
    /** Web pages that may call the API: `https://app.example.com`, comma-separated. */
    CORS_ORIGINS: z.string().default('').transform(origins),
    /** Sent as Strict-Transport-Security if PUBLIC_URL is https; 0: never. */
    HSTS_SECONDS: wholeNumber(31_536_000),
    /**
     * Keys of access tokens beside JWT_SECRET: PEM blocks or a JWK Set. The first signs if it is a private key, else
     * JWT_SECRET does; all verify. P-256 signs ES256, RSA of 2048 bits or more RS256.
     */
    JWT_KEYS: z.string().default('').transform(asymmetricKeys),
    SIGN_UP_BLOCK_DISPOSABLE: flag(false),
    SIGN_UP_BLOCK_ROLE_ADDRESSES: flag(false),
    /** A file of domains whose addresses may not sign up, one a line. */
    SIGN_UP_BLOCKED_DOMAINS_FILE: z.string().optional(),
    /** Leading zero bits of the hash that a sign-up must find; 0: none is asked for. */
    SIGN_UP_PROOF_OF_WORK_BITS: wholeNumber(0, 0, 32),

    /** Where this service is reached from outside, for links in mails. */
    PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://localhost:8000'),
    /** `smtp://user:password@host:587`, or `log:` to print mail instead. */
    SMTP_URL: z
      .url({ protocol: /^(smtps?|log)$/, error: 'must be smtp://…, smtps://… or log:' })
      .default('log:'),
    MAIL_FROM: z.string().default('Stylizer <no-reply@localhost>'),
    /** Whether production refuses to start without a mail server. */
    MAIL_REQUIRED: flag(true),
    /** When a new account gets its SIGN_UP_GRANT: at once, or when its e-mail address is verified. */
    SIGN_UP_GRANT_AT: z.enum(['registration', 'verification']).default('registration'),
    /** How new passwords are hashed. Older hashes are replaced at the next login. */
    PASSWORD_HASH: z.enum(['bcrypt', 'argon2id']).default('bcrypt'),
    /** Whether the list of sessions shows their IP addresses, and the database keeps them. */
    SESSION_ADDRESSES: flag(false),

    /** OpenID providers to sign in with: JSON, a list of `{id, name, issuer, clientId, clientSecret, scopes?}`. */
    OIDC_PROVIDERS: z.string().default('[]').transform(oidcProviders),
    /** Where providers may send people back to. Without any: `/auth/callback` of PUBLIC_URL. */
    OIDC_REDIRECT_URIS: z.string().default('').transform(urls),
    /** The domain that passkeys belong to. Without it: the host of PUBLIC_URL. */
    WEBAUTHN_RP_ID: z
      .string()
      .regex(/^[a-z0-9.-]+$/, 'must be a domain')
      .optional(),
    /** Origins whose pages may use passkeys. Without any: that of PUBLIC_URL. */
    WEBAUTHN_ORIGINS: z.string().default('').transform(urls),

    /** Calls to URLs of a user's choosing also go to `http:`. */
    OUTGOING_ALLOW_HTTP: flag(false),
    /** The ports that they may name. */
    OUTGOING_PORTS: z.string().default('80,443').transform(portRanges),
    /** Networks (CIDR) that they may reach though they are not public. */
    OUTGOING_ALLOWED_NETWORKS: z.string().default('').transform(networks),
    /** `address` or `address:port` of the name servers to ask; none: the system's. */
    OUTGOING_DNS_SERVERS: z.string().default('').transform(list),
    /** `http://host:port` of a proxy that such calls go through and that refuses private addresses. */
    OUTGOING_PROXY: z.url({ protocol: /^https?$/ }).optional(),
    WEBHOOK_ENDPOINTS_PER_USER: wholeNumber(10, 0, 100),

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
      if (config.OIDC_PROVIDERS.some(({ issuer }) => !issuer.startsWith('https:')))
        refuse('OIDC_PROVIDERS', 'must have https issuers in production');
      if (config.BCRYPT_COST < 10) refuse('BCRYPT_COST', 'must be at least 10 in production');
    }
    if (config.NODE_ENV === 'production' && config.MAIL_REQUIRED && config.SMTP_URL === 'log:')
      refuse(
        'SMTP_URL',
        'must be smtp://… or smtps://… in production; MAIL_REQUIRED=false prints mails instead',
      );
    if (config.UPLOAD_MEMORY_BYTES < config.MAX_IMAGE_BYTES)
      refuse('UPLOAD_MEMORY_BYTES', 'must be at least MAX_IMAGE_BYTES');
    if (config.REQUEST_SECONDS < config.REQUEST_HEAD_SECONDS)
      refuse('REQUEST_SECONDS', 'must be at least REQUEST_HEAD_SECONDS');
    if (config.STORAGE_DRIVER === 's3' && !config.STORAGE_S3_BUCKET)
      refuse('STORAGE_S3_BUCKET', 'must be set when STORAGE_DRIVER is s3');
    if (!config.STRIPE_SECRET_KEY !== !config.STRIPE_WEBHOOK_SECRET)
      refuse('STRIPE_WEBHOOK_SECRET', 'and STRIPE_SECRET_KEY go together');
    if (!config.STORAGE_S3_ACCESS_KEY_ID !== !config.STORAGE_S3_SECRET_ACCESS_KEY)
      refuse('STORAGE_S3_SECRET_ACCESS_KEY', 'and STORAGE_S3_ACCESS_KEY_ID go together');
  });

export { schema as configSchema };
export type Config = z.output<typeof schema>;
