import { Injectable } from '@nestjs/common';
import { type ImageLimits, tooManyBytes } from '@stylizer/common';
import { DomainError } from '../common/domain-error.js';
import { Outgoing } from '../outgoing/outgoing.js';
import { unreachable } from '../outgoing/outgoing-rules.js';
import type { UploadShare } from './upload-memory.js';

/** An idempotency key is held in the meantime (90 s), also while the result is waited for (60 s). */
const TIMEOUT_MS = 15_000;
/** Of this process; each may wait that long for a slow server. */
const MOST_AT_ONCE = 64;

/** Images that clients name by their URL. */
@Injectable()
export class FetchImage {
  private running = 0;

  constructor(private readonly outgoing: Outgoing) {}

  /**
   * @throws DomainError URL_NOT_ALLOWED | URL_UNREACHABLE | OVERLOADED
   * @throws ImageRejected IMAGE_TOO_LARGE
   */
  async fetch(url: string, limits: ImageLimits, memory: UploadShare): Promise<Buffer> {
    if (this.running >= MOST_AT_ONCE)
      throw new DomainError('OVERLOADED', 'Too many images are being fetched. Try again shortly.', {
        retryAfterSeconds: 2,
      });
    this.running++;
    try {
      const { status, body } = await this.outgoing.fetch(url, {
        headers: { accept: 'image/*' },
        timeoutMs: TIMEOUT_MS,
        maxBytes: limits.maxBytes,
        beyond: () => tooManyBytes(limits),
        onBytes: (bytes) => memory.take(bytes),
      });
      if (status !== 200) throw unreachable(`its server answered with status ${status}.`);
      return body;
    } finally {
      this.running--;
    }
  }
}
