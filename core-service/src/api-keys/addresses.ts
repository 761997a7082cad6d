import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4_RANGE = `(?:${OCTET}\\.){3}${OCTET}/(?:3[0-2]|[12]?[0-9])`;
/** All eight groups, or the first ones and `::`. */
const IPV6_RANGE =
  '(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}:|::)/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])';

/** One address, or a range of them (CIDR). */
export const AddressRange = z
  .union(
    [z.ipv4(), z.ipv6(), z.string().regex(new RegExp(`^(?:${IPV4_RANGE}|${IPV6_RANGE})$`))],
    'must be an IP address or a range such as 203.0.113.0/24 or 2001:db8::/32',
  )
  .meta({ example: '203.0.113.0/24' });

/** @param ranges as {@link AddressRange} has them; none allows every address */
export function isAllowed(address: string, ranges: readonly string[]): boolean {
  if (ranges.length === 0) return true;
  if (!ipaddr.isValid(address)) return false;
  // An IPv4 client of an IPv6 socket is ::ffff:203.0.113.7.
  const caller = ipaddr.process(address);
  return ranges.some((range) => {
    const [network, bits] = parsed(range);
    return network.kind() === caller.kind() && caller.match(network, bits);
  });
}

function parsed(range: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (range.includes('/')) return ipaddr.parseCIDR(range);
  const address = ipaddr.process(range);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
