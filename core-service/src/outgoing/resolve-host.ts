import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { isAllowed, knownAddresses, leadsElsewhere, type OutgoingRules } from './outgoing-rules.js';

const TIMEOUT_MS = 2_000;
const TRIES = 2;

/**
 * Looks up names for connections, and hands out only addresses that may be called. The connection is
 * made to what it hands out, so a name that changes its address in between (DNS rebinding) gains nothing.
 *
 * Asks name servers itself: getaddrinfo holds one of libuv's few threads for as long as a hostile name
 * server likes, and passwords are hashed on those threads.
 *
 * @param servers `address` or `address:port`; none: the system's
 */
export function guardedLookup(rules: OutgoingRules, servers: readonly string[]): LookupFunction {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);

  const addressesOf = async (host: string): Promise<string[]> => {
    const known = knownAddresses(host);
    if (known) return known.filter((address) => isAllowed(address, rules));
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    // One inside among others outside is a trick or a mistake.
    return addresses.every((address) => isAllowed(address, rules)) ? addresses : [];
  };

  return (host, { all }, callback) => {
    addressesOf(host.replace(/\.$/, '')).then(
      (addresses) => {
        const [first, ...rest] = addresses.map((address) => ({ address, family: isIP(address) }));
        if (!first) callback(leadsElsewhere(), '', 0);
        else if (all) callback(null, [first, ...rest]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, '', 0),
    );
  };
}
