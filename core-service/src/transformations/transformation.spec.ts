import { describe, expect, it } from '@jest/globals';
import { isFinal, statusesBefore, TRANSFORMATION_STATUSES } from './transformation.js';

describe('a transformation', () => {
  it.each([
    ['pending', []],
    // Again processing: another worker takes over.
    ['processing', ['pending', 'processing']],
    ['completed', ['processing']],
    // Pending ones fail when their hold expires.
    ['failed', ['pending', 'processing']],
    ['cancelled', ['pending']],
  ] as const)('becomes %s only after %j', (status, before) => {
    expect(statusesBefore(status)).toEqual(before);
  });

  it('stays for ever what it ended as', () => {
    expect(TRANSFORMATION_STATUSES.filter(isFinal)).toEqual(['completed', 'failed', 'cancelled']);
  });
});
