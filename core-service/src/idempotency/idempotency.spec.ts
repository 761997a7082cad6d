import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, parseIdempotencyKey } from './idempotency.js';

describe('an Idempotency-Key', () => {
  it.each([undefined, 'k', 'k'.repeat(255)])('may be %j', (key) => {
    expect(parseIdempotencyKey(key)).toBe(key);
  });

  it.each<[unknown]>([[''], ['k'.repeat(256)], [['one', 'two']]])('may not be %j', (key) => {
    expect(() => parseIdempotencyKey(key)).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_FAILED',
        errors: [{ path: 'Idempotency-Key', message: 'must have 1 to 255 characters' }],
      }),
    );
  });
});

describe('the fingerprint of a request', () => {
  const image = Buffer.from('image');
  const fingerprint = fingerprintOf(image, { quality: 90 });

  it('is the same for the same image and form', () => {
    expect(fingerprintOf(Buffer.from('image'), { quality: 90 })).toEqual(fingerprint);
  });

  it.each([
    ['image', Buffer.from('other'), { quality: 90 }],
    ['form', image, { quality: 80 }],
  ])('is another one for another %s', (_what, bytes, form) => {
    expect(fingerprintOf(bytes, form)).not.toEqual(fingerprint);
  });
});
