import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '@stylizer/common';
import { configSchema } from './config.js';

const SECRET = 'k3yZ-91xQ_wv7Lr+42TnBe/HsMc08Gd5';
const valid = { DATABASE_URL: 'postgres://core@db.internal/core', JWT_SECRET: SECRET };
const production = { ...valid, NODE_ENV: 'production', SMTP_URL: 'smtps://mail.internal' };

function messageOf(env: Record<string, string>): string {
  try {
    loadConfig(configSchema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('configuration', () => {
  it('needs nothing but a database and a secret', () => {
    expect(loadConfig(configSchema, valid)).toMatchObject({
      ...valid,
      PORT: 8000,
      BCRYPT_COST: 12,
      SIGN_UP_GRANT: 100,
      PRICE_BASE_TOKENS: 10,
      ACCESS_TOKEN_SECONDS: 900,
      WORKER_ENABLED: true,
    });
  });

  it('takes an empty variable as one that is not set', () => {
    expect(loadConfig(configSchema, { ...valid, PORT: '', STORAGE_S3_ENDPOINT: '' }).PORT).toBe(
      8000,
    );
  });

  it.each(['DATABASE_URL', 'JWT_SECRET'] as const)('names %s when it is missing', (name) => {
    expect(messageOf({ ...valid, [name]: '' })).toMatch(new RegExp(`^  ${name}: `, 'm'));
  });

  it('names every bad variable at once', () => {
    const message = messageOf({ PORT: 'x', DATABASE_URL: 'x' });
    for (const name of ['PORT', 'DATABASE_URL', 'JWT_SECRET']) expect(message).toContain(name);
  });

  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2hunter2@db/core'],
    ['DATABASE_URL', 'hunter2-not-a-url'],
    ['JWT_SECRET', 'hunter2-too-short'],
    ['PORT', '70000'],
    ['PORT', '80.5'],
    ['PORT', 'hunter2'],
    ['METRICS_PORT', '-1'],
    ['NODE_ENV', 'prodcution'],
    ['LOG_LEVEL', 'loudest'],
    ['BCRYPT_COST', '31'],
    ['ACCESS_TOKEN_SECONDS', '0'],
    ['SIGN_UP_GRANT', '-10'],
    ['SIGN_UP_GRANT_AT', 'sunrise'],
    ['TOKEN_PACKS', 'hunter2'],
    ['TOKEN_PACKS', '[{"id":"hunter2","tokens":0,"amount":500}]'],
    ['TOKEN_PACKS', '[{"id":"hunter2","tokens":1,"amount":0.5}]'],
    ['TOKEN_PACKS', '[{"id":"a","tokens":1,"amount":5},{"id":"a","tokens":2,"amount":5}]'],
    ['PAYMENT_CURRENCY', 'EUR'],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_hunter2_without_the_other'],
    ['ENCRYPTION_KEYS', 'hunter2'],
    ['ENCRYPTION_KEYS', 'one:aHVudGVyMg=='],
    ['SMTP_URL', 'https://hunter2@mail.internal'],
    ['PASSWORD_HASH', 'md5-hunter2'],
    ['SESSION_ADDRESSES', 'perhaps'],
    ['PRICE_BASE_TOKENS', '0'],
    ['STYLE_PRICE_TOKENS', '-5'],
    ['CUSTOM_STYLES_PER_USER', '1001'],
    ['HOLD_HOURS', '99999999'],
    ['WORKER_ENABLED', 'perhaps'],
    ['WORKER_CONCURRENCY', '1e9'],
    ['STORAGE_DRIVER', 'floppy'],
    ['INFERENCE_URL', 'hunter2 inference'],
    ['STORAGE_S3_ENDPOINT', 'hunter2 endpoint'],
  ])('refuses %s=%s, naming it and not its value', (name, value) => {
    const message = messageOf({ ...valid, [name]: value });
    expect(message).toMatch(new RegExp(`^  ${name}: `, 'm'));
    expect(message).not.toContain(value);
    expect(message).not.toContain('hunter2');
  });

  it('admits the largest upload, and refuses a memory in which it has no room', () => {
    expect(loadConfig(configSchema, valid)).toMatchObject({
      MAX_IMAGE_BYTES: 60_000_000,
      MAX_IMAGE_PIXELS: 100_000_000,
    });
    const room = (bytes: string) => messageOf({ ...valid, UPLOAD_MEMORY_BYTES: bytes });
    expect(room('60000000')).toBe('accepted');
    expect(room('59999999')).toContain('UPLOAD_MEMORY_BYTES');
  });

  it.each(['0', '3601'])('refuses an image that may take %s seconds', (seconds) => {
    expect(messageOf({ ...valid, INFERENCE_TIMEOUT_SECONDS: seconds })).toContain(
      'INFERENCE_TIMEOUT_SECONDS',
    );
  });

  it('refuses S3 without a bucket, and half a pair of S3 keys', () => {
    expect(messageOf({ ...valid, STORAGE_DRIVER: 's3' })).toContain('STORAGE_S3_BUCKET');
    const message = messageOf({ ...valid, STORAGE_S3_ACCESS_KEY_ID: 'AKIAHUNTER2' });
    expect(message).toContain('STORAGE_S3_SECRET_ACCESS_KEY');
    expect(message).not.toContain('AKIAHUNTER2');
  });

  describe('in production', () => {
    it('takes a random secret', () => {
      expect(messageOf(production)).toBe('accepted');
    });

    it.each([
      ['the published example', 'change-me-change-me-change-me-change-me'],
      ['one character over and over', 'a'.repeat(64)],
      ['a short pattern over and over', 'abc123'.repeat(10)],
    ])('refuses %s as the secret', (_what, secret) => {
      const message = messageOf({ ...production, JWT_SECRET: secret });
      expect(message).toMatch(/^ {2}JWT_SECRET: .*openssl rand/m);
      expect(message).not.toContain(secret);
      expect(messageOf({ ...valid, JWT_SECRET: secret })).toBe('accepted');
    });

    it('refuses a secret of 31 characters', () => {
      expect(messageOf({ ...production, JWT_SECRET: SECRET.slice(1) })).toContain('JWT_SECRET');
    });

    it.each(['', 'log:'])('refuses to print mails with SMTP_URL=%s, unless told to', (SMTP_URL) => {
      expect(messageOf({ ...production, SMTP_URL })).toMatch(
        /^ {2}SMTP_URL: .*MAIL_REQUIRED=false/m,
      );
      expect(messageOf({ ...production, SMTP_URL, MAIL_REQUIRED: 'false' })).toBe('accepted');
      expect(messageOf({ ...valid, SMTP_URL })).toBe('accepted');
    });

    it('refuses a cheap bcrypt', () => {
      expect(messageOf({ ...production, BCRYPT_COST: '9' })).toContain('BCRYPT_COST');
      expect(messageOf({ ...production, BCRYPT_COST: '10' })).toBe('accepted');
    });
  });

  it('takes origins of web pages, without paths', () => {
    const { CORS_ORIGINS } = loadConfig(configSchema, {
      ...valid,
      CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
    });
    expect(CORS_ORIGINS).toEqual(['https://app.example.com', 'http://localhost:5173']);
    for (const bad of ['*', 'null', 'app.example.com', 'https://a.example/', 'https://a.example/x'])
      expect(messageOf({ ...valid, CORS_ORIGINS: bad })).toMatch(/^ {2}CORS_ORIGINS: must be/m);
  });

  it('gives the head of a request no more time than the whole', () => {
    expect(messageOf({ ...valid, REQUEST_SECONDS: '5', REQUEST_HEAD_SECONDS: '6' })).toMatch(
      /^ {2}REQUEST_SECONDS: /m,
    );
  });
});
