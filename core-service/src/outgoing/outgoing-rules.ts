import { isIP } from 'node:net';
import { DomainError } from '../common/domain-error.js';
import { isIn, isPublic, type Network } from '../common/networks.js';
import type { PortRange } from '../config/outgoing-variables.js';

export interface OutgoingRules {
  /** `http:` beside `https:`. */
  allowHttp: boolean;
  ports: readonly PortRange[];
  /** Addresses that may be called though they are not public. */
  allowedNetworks: readonly Network[];
}

const LOOPBACK = ['127.0.0.1', '::1'];
/** Longer ones are refused by many servers. */
export const MAX_URL_LENGTH = 2048;

/**
 * What can be said of a URL without asking anybody. Parsing it has made one form of all ways to
 * write an address: decimal, octal, hexadecimal, full-width digits.
 *
 * @throws DomainError URL_NOT_ALLOWED
 */
export function allowedUrl(text: string, rules: OutgoingRules): URL {
  if (text.length > MAX_URL_LENGTH)
    throw notAllowed(`It has more than ${MAX_URL_LENGTH} characters.`);
  const url = URL.parse(text);
  if (!url) throw notAllowed('It is not a URL.');
  if (url.protocol !== 'https:' && !(rules.allowHttp && url.protocol === 'http:'))
    throw notAllowed('It must begin with https://.');
  if (url.username || url.password) throw notAllowed('It must not contain a user or password.');
  if (!rules.ports.some(({ from, to }) => from <= portOf(url) && portOf(url) <= to))
    throw notAllowed('Its port is not one that we call; leave it out.');
  const known = knownAddresses(hostOf(url));
  if (known && !known.some((address) => isAllowed(address, rules))) throw leadsElsewhere();
  return url;
}

/** The addresses of a host that need not be looked up: a literal address, and localhost (RFC 6761). */
export function knownAddresses(host: string): string[] | undefined {
  if (isIP(host)) return [host];
  return /(^|\.)localhost$/.test(host) ? LOOPBACK : undefined;
}

/** Name or address, without the brackets of IPv6 and the dot of a name that is complete. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$|\.$/g, '');
}

export function isAllowed(address: string, { allowedNetworks }: OutgoingRules): boolean {
  return isPublic(address) || isIn(address, allowedNetworks);
}

function portOf({ port, protocol }: URL): number {
  return port ? Number(port) : protocol === 'https:' ? 443 : 80;
}

/** The same for a name that leads inside and one that does not exist: it tells nothing about our network. */
export function leadsElsewhere(): DomainError {
  return notAllowed('Its host does not lead to a public address.');
}

export function notAllowed(why: string): DomainError {
  return new DomainError('URL_NOT_ALLOWED', `We do not call this URL. ${why}`);
}

export function unreachable(why: string, cause?: unknown): DomainError {
  return new DomainError('URL_UNREACHABLE', `The URL could not be read: ${why}`, { cause });
}
