import { describe, expect, it } from '@jest/globals';
import { type PurchaseStatus, statusAfter, tokensDue } from './purchase.js';

describe('tokensDue', () => {
  const paid = { status: 'paid' as const, tokens: 500, amountPaid: 2380 };

  it.each([
    ['nothing went back', 0, 500],
    ['a half went back', 1190, 250],
    ['a cent went back, rounded in the favour of the user', 1, 500],
    ['all but a cent went back', 2379, 1],
    ['all went back', 2380, 0],
    ['more went back than was paid', 5000, 0],
  ])('when %s', (_what, returned, tokens) => {
    expect(tokensDue(paid, returned)).toBe(tokens);
  });

  it.each(['open', 'failed', 'expired'] as const)(
    'is nothing for a purchase that is %s',
    (status) => {
      expect(tokensDue({ ...paid, status }, 0)).toBe(0);
    },
  );

  it('is everything when a discount made it free', () => {
    expect(tokensDue({ ...paid, amountPaid: 0 }, 0)).toBe(500);
  });

  it('is exact for numbers that a double cannot multiply', () => {
    const amountPaid = 99_999_999_999;
    const tokens = 1_000_000_000;
    expect(tokensDue({ status: 'paid', tokens, amountPaid }, amountPaid - 100)).toBe(2);
  });
});

describe('statusAfter', () => {
  it.each<[PurchaseStatus, PurchaseStatus, PurchaseStatus]>([
    ['open', 'paid', 'paid'],
    ['open', 'open', 'open'],
    ['open', 'expired', 'expired'],
    ['failed', 'paid', 'paid'],
    ['expired', 'paid', 'paid'],
    ['paid', 'expired', 'paid'],
    ['paid', 'failed', 'paid'],
    ['paid', 'open', 'paid'],
  ])('%s, then %s, is %s', (current, told, status) => {
    expect(statusAfter(current, told)).toBe(status);
  });
});
