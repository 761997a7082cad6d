import { describe, expect, it } from '@jest/globals';
import { DISPOSABLE_DOMAINS, isDomainListed, isRoleAddress } from './email-rules.js';

describe('a listed domain', () => {
  const listed = new Set([...DISPOSABLE_DOMAINS, 'xn--mll-hoa.example']);
  it.each([
    'ada@mailinator.com',
    'ada@MAILINATOR.com',
    'ada@mail.eu.mailinator.com',
    'ada@ｍailinator.com',
    'ada@müll.example',
  ])('is seen in %s', (email) => expect(isDomainListed(email, listed)).toBe(true));
  it.each(['ada@example.com', 'ada@notmailinator.com', 'mailinator.com@example.com', 'ada@com'])(
    'is not seen in %s',
    (email) => expect(isDomainListed(email, listed)).toBe(false),
  );
});

describe('a role address', () => {
  it.each([
    'admin@example.com',
    'Admin@example.com',
    'no-reply+1@example.com',
    'ｒoot@example.com',
  ])('%s is one', (email) => expect(isRoleAddress(email)).toBe(true));
  it.each(['ada@example.com', 'administer@example.com', 'ada@admin.com', 'ada+admin@example.com'])(
    '%s is none',
    (email) => expect(isRoleAddress(email)).toBe(false),
  );
});
