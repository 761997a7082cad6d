import { describe, expect, it } from '@jest/globals';
import { changeOfAvailable } from './ledger.js';

describe('ledger', () => {
  it('takes a hold off the available balance, and nothing more when it is settled', () => {
    expect(changeOfAvailable('hold', 10) + changeOfAvailable('settle', 10)).toBe(-10);
  });

  it('gives a released hold back whole', () => {
    expect(changeOfAvailable('hold', 10) + changeOfAvailable('release', 10)).toBe(0);
  });

  it('adds grants and purchases and takes refunds', () => {
    for (const kind of ['signup_grant', 'admin_grant', 'purchase'] as const)
      expect(changeOfAvailable(kind, 500)).toBe(500);
    expect(changeOfAvailable('refund', 500)).toBe(-500);
  });
});
