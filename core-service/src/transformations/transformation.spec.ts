import { describe, expect, it } from '@jest/globals';
import { canBecome, isFinal, statusesBefore, TRANSFORMATION_STATUSES } from './transformation.js';

describe('transformation', () => {
  it('goes from pending over processing to an end', () => {
    expect(canBecome('pending', 'processing')).toBe(true);
    expect(canBecome('processing', 'completed')).toBe(true);
    expect(canBecome('processing', 'failed')).toBe(true);
  });

  it('can be taken over by another worker', () => {
    expect(canBecome('processing', 'processing')).toBe(true);
  });

  it('is cancelled only while it waits', () => {
    expect(statusesBefore('cancelled')).toEqual(['pending']);
  });

  it('completes only after it was begun', () => {
    expect(statusesBefore('completed')).toEqual(['processing']);
  });

  it.each(['completed', 'failed', 'cancelled'] as const)('stays %s for ever', (end) => {
    expect(isFinal(end)).toBe(true);
    for (const to of TRANSFORMATION_STATUSES) expect(canBecome(end, to)).toBe(false);
  });
});
