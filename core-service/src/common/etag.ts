import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Of this very content. */
export function etagOf(content: Buffer | string): string {
  return `"${createHash('sha256').update(content).digest('hex')}"`;
}

/** Sets the tag; when the caller has that one already, answers 304 and is true. */
export async function answeredUnchanged(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  etag: string,
): Promise<boolean> {
  void reply.header('etag', etag);
  if (!matches(headers['if-none-match'], etag)) return false;
  await reply.code(304).send();
  return true;
}

/** RFC 9110, section 13.1.2: a list of tags, weak or not, or `*`. */
function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
