import { describe, expect, it } from '@jest/globals';
import { requestId } from './server.js';

const idFor = (given?: string) => requestId({ headers: { 'x-request-id': given } });

describe('requestId', () => {
  it('keeps the client’s', () => {
    expect(idFor('0197-aB.c:d_e')).toBe('0197-aB.c:d_e');
  });

  it.each([undefined, '', 'two words', 'line\nbreak', 'x'.repeat(129), '{"a":1}'])(
    'makes a new one in place of %j',
    (given) => {
      expect(idFor(given)).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
