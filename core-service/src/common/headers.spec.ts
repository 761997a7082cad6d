import { describe, expect, it } from '@jest/globals';
import { requestIdOf } from './request-id.js';
import { traceparentOf } from './trace-context.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('X-Request-Id', () => {
  const idOf = (given?: string | string[]) =>
    requestIdOf({ headers: given === undefined ? {} : { 'x-request-id': given } });

  it.each(['a', 'order-17.retry:2_b', 'x'.repeat(128)])('is taken over: %s', (given) => {
    expect(idOf(given)).toBe(given);
  });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['a long one', 'x'.repeat(129)],
    ['one that would forge a log line', 'x\n{"level":50}'],
    ['one with a space', 'a b'],
    ['two', ['a', 'b']],
  ])('is made anew in place of %s', (_what, given) => {
    expect(idOf(given)).toMatch(UUID);
  });
});

describe('traceparent', () => {
  const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('is taken over when it is well-formed', () => {
    expect(traceparentOf(good)).toBe(good);
  });

  it.each([
    undefined,
    '',
    'garbage',
    good.toUpperCase(),
    `${good}-more`,
    good.replace(/^00/, 'ff'),
    good.replace('0af7651916cd43dd8448eb211c80319c', '0'.repeat(32)),
    good.replace('b7ad6b7169203331', '0'.repeat(16)),
  ])('begins a new trace in place of %s', (given) => {
    const made = traceparentOf(given);
    expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(made).not.toBe(traceparentOf(given));
  });
});
