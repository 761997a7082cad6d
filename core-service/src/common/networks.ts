import { isIP } from 'node:net';
import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js';

/** CIDR. */
export type Network = [IPv4 | IPv6, number];

/** All addresses of IPv6 that are, or may become, public (RFC 4291, section 2.4). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
/** Within public ranges, and not public all the same. */
const NOT_PUBLIC = [
  // Azure's metadata and name service.
  '168.63.129.16/32',
  // IETF protocol assignments (RFC 2928), Teredo among them.
  '2001::/23',
  // Documentation (RFC 3849, RFC 9637).
  '2001:db8::/32',
  '3fff::/20',
].map((network) => ipaddr.parseCIDR(network));

/** @throws Error if it is not a CIDR, such as `10.0.0.0/8` */
export function parseNetwork(text: string): Network {
  const network = ipaddr.parseCIDR(text);
  if (!isIP(text.split('/')[0] ?? '')) throw new Error('not a CIDR');
  return network;
}

/**
 * Whether an address is one that anybody on the internet may call: neither this machine nor a private
 * network, nor another address in disguise (mapped, NAT64, 6to4, Teredo).
 *
 * @param address as the WHATWG URL parser or a resolver writes it
 */
export function isPublic(address: string): boolean {
  if (!isIP(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast' || isWithin(parsed, NOT_PUBLIC)) return false;
  return parsed.kind() === 'ipv4' || isWithin(parsed, [GLOBAL_UNICAST]);
}

export function isIn(address: string, networks: readonly Network[]): boolean {
  return isIP(address) !== 0 && isWithin(ipaddr.parse(address), networks);
}

function isWithin(address: IPv4 | IPv6, networks: readonly Network[]): boolean {
  return networks.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}
