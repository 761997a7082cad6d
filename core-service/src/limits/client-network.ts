import ipaddr from 'ipaddr.js';

const BITS = {
  /** What one client has: an IPv4 address, or the network that a provider gives to an IPv6 customer. */
  client: { ipv4: 32, ipv6: 64 },
  /** What one tenant of a data centre easily has. */
  network: { ipv4: 24, ipv6: 64 },
};

/** The key under which a client's address is counted. */
export function addressKey(address: string, scope: keyof typeof BITS = 'client'): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  const bits = BITS[scope][parsed.kind()];
  const bytes = parsed.toByteArray().map((byte, i) => {
    const kept = Math.min(8, Math.max(0, bits - i * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`;
}
