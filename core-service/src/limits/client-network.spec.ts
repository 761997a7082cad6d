import { describe, expect, it } from '@jest/globals';
import { addressKey } from './client-network.js';

describe('the key of a client', () => {
  it.each([
    ['192.0.2.77', '192.0.2.77/32', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.77/32', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64', '2001:db8:1:2::/64'],
    ['255.255.255.255', '255.255.255.255/32', '255.255.255.0/24'],
    ['no address', 'no address', 'no address'],
  ])('%s is %s, and %s of its network', (address, client, network) => {
    expect(addressKey(address)).toBe(client);
    expect(addressKey(address, 'network')).toBe(network);
  });
});
