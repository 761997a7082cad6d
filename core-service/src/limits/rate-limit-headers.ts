import type { FastifyReply } from 'fastify';

export interface Quota {
  /** Name of the policy. */
  name: string;
  /** Points in a window. */
  points: number;
  windowSeconds: number;
}

/**
 * Adds a quota to `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10: Lists of
 * structured fields, RFC 9651).
 *
 * @param left points left
 * @param resetMs until the window ends
 */
export function announceQuota(
  reply: FastifyReply,
  { name, points, windowSeconds }: Quota,
  left: number,
  resetMs: number,
): void {
  const seconds = Math.max(0, Math.ceil(resetMs / 1000));
  add(reply, 'ratelimit-policy', `"${name}";q=${points};w=${windowSeconds}`);
  add(reply, 'ratelimit', `"${name}";r=${Math.max(0, left)};t=${seconds}`);
}

function add(reply: FastifyReply, header: string, member: string): void {
  const members = reply.getHeader(header);
  void reply.header(header, members === undefined ? member : `${String(members)}, ${member}`);
}
