import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A strong ETag of the content. */
export function etagOf(content: Buffer | string): string {
  return `"${createHash('sha256').update(content).digest('hex')}"`;
}

/** Sets the ETag; answers 304 and returns true if the client already has this version. */
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

/** RFC 9110, section 13.1.2: a list of tags, weak or strong, or `*`. */
function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
