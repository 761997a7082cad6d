import { describe, expect, it } from '@jest/globals';
import { AddressRange, isAllowed } from './addresses.js';

describe('the addresses of an API key', () => {
  it.each([
    ['203.0.113.7', ['203.0.113.7']],
    ['203.0.113.7', ['198.51.100.0/24', '203.0.113.0/24']],
    ['203.0.113.7', ['203.0.113.255/24']],
    ['::ffff:203.0.113.7', ['203.0.113.0/24']],
    ['203.0.113.7', ['::ffff:203.0.113.7']],
    ['203.0.113.7', ['0.0.0.0/0']],
    ['2001:db8:1::7', ['2001:db8::/32']],
    ['2001:DB8:0:0:0:0:0:7', ['2001:db8::7']],
    ['2001:db8::7', ['::/0']],
    ['203.0.113.7', []],
  ])('allow %s in %j', (address, ranges) => {
    expect(isAllowed(address, ranges)).toBe(true);
  });

  it.each([
    ['203.0.114.7', ['203.0.113.0/24']],
    ['203.0.113.8', ['203.0.113.7']],
    ['2001:db9::7', ['2001:db8::/32']],
    // A range of one kind holds no address of the other.
    ['2001:db8::7', ['0.0.0.0/0']],
    ['203.0.113.7', ['::/0']],
    ['nowhere', ['0.0.0.0/0', '::/0']],
    ['', ['0.0.0.0/0']],
  ])('refuse %s in %j', (address, ranges) => {
    expect(isAllowed(address, ranges)).toBe(false);
  });

  it.each([
    '203.0.113.7',
    '10.0.0.0/8',
    '2001:db8::1',
    '2001:db8::/32',
    '::/0',
    '1:2:3:4:5:6:7:8/128',
  ])('may be %s, which can then be matched', (range) => {
    expect(AddressRange.safeParse(range).success).toBe(true);
    expect(isAllowed('192.0.2.1', [range])).toBe(false);
  });

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '256.0.0.1',
    '0x7f.1',
    '010.0.0.1',
    '10.0.0.0/8/8',
    '1::2::/32',
    '10.0.0.1\n',
  ])('may not be %j', (range) => {
    expect(AddressRange.safeParse(range).success).toBe(false);
  });
});
