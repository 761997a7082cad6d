import { describe, expect, it } from '@jest/globals';
import { isIn, isPublic, parseNetwork } from './networks.js';

describe('an address', () => {
  it.each([
    ['1.1.1.1'],
    ['8.8.8.8'],
    ['93.184.215.14'],
    ['172.15.255.255'],
    ['172.32.0.0'],
    ['100.63.255.255'],
    ['100.128.0.0'],
    ['169.253.255.255'],
    ['223.255.255.255'],
    ['2606:4700:4700::1111'],
    ['2a00:1450:4001:80b::200e'],
  ])('is public: %s', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['all of loopback', '127.255.255.254'],
    ['private, 10', '10.0.0.1'],
    ['private, 172.16', '172.16.0.1'],
    ['private, 172.31', '172.31.255.255'],
    ['private, 192.168', '192.168.1.1'],
    ['link-local', '169.254.1.1'],
    ['metadata of AWS, Google, Azure', '169.254.169.254'],
    ['metadata of ECS tasks', '169.254.170.2'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['Azure’s platform', '168.63.129.16'],
    ['CGNAT', '100.64.0.1'],
    ['the end of CGNAT', '100.127.255.255'],
    ['IETF protocol assignments', '192.0.0.1'],
    ['documentation 1', '192.0.2.1'],
    ['documentation 2', '198.51.100.1'],
    ['documentation 3', '203.0.113.1'],
    ['6to4 relays', '192.88.99.1'],
    ['benchmarking', '198.18.0.1'],
    ['the end of benchmarking', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['the end of multicast', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified IPv6', '::'],
    ['loopback IPv6', '::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped public', '::ffff:8.8.8.8'],
    ['IPv4-mapped in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['IPv4-translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['NAT64 of a public address', '64:ff9b::808:808'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:53aa:64c::1'],
    ['ORCHID', '2001:20::1'],
    ['benchmarking IPv6', '2001:2::1'],
    ['documentation IPv6', '2001:db8::1'],
    ['documentation IPv6, the newer', '3fff::1'],
    ['unique local', 'fc00::1'],
    ['unique local, metadata of AWS', 'fd00:ec2::254'],
    ['link-local IPv6', 'fe80::1'],
    ['link-local IPv6 with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast IPv6', 'ff02::1'],
    ['discard-only', '100::1'],
    ['segment routing', '5f00::1'],
    ['not assigned', '4000::1'],
    ['no address', 'example.com'],
    ['a short form', '127.1'],
    ['a number', '2130706433'],
    ['an octal form', '0177.0.0.1'],
    ['nothing', ''],
  ])('is not public: %s (%s)', (_what, address) => {
    expect(isPublic(address)).toBe(false);
  });

  it('is in a network of its own family', () => {
    const networks = ['10.1.0.0/16', 'fd12::/48'].map(parseNetwork);
    expect(isIn('10.1.255.255', networks)).toBe(true);
    expect(isIn('10.2.0.0', networks)).toBe(false);
    expect(isIn('fd12::1', networks)).toBe(true);
    expect(isIn('fd13::1', networks)).toBe(false);
    expect(isIn('::ffff:10.1.0.1', networks)).toBe(false);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10/8', 'local', ''])('is no network: %s', (text) => {
    expect(() => parseNetwork(text)).toThrow();
  });
});
