import { Inject, Injectable } from '@nestjs/common';
import type { ImageLimits } from '@stylizer/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../common/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ConcurrentRequests } from '../limits/concurrent-requests.js';
import { type MultipartForm, readMultipartForm } from './multipart-form.js';
import { UploadMemory } from './upload-memory.js';

/** Receives images from clients, within the limits on bytes, pixels and memory. */
@Injectable()
export class Uploads {
  readonly limits: ImageLimits;

  constructor(
    private readonly memory: UploadMemory,
    private readonly concurrent: ConcurrentRequests,
    @Inject(CONFIG) config: Pick<Config, 'MAX_IMAGE_BYTES' | 'MAX_IMAGE_PIXELS'>,
  ) {
    this.limits = { maxBytes: config.MAX_IMAGE_BYTES, maxPixels: config.MAX_IMAGE_PIXELS };
  }

  /**
   * Counts the upload against the memory for uploads while `use` works on it: what `use` returns must
   * keep nothing of the form.
   *
   * @throws DomainError VALIDATION_FAILED | RATE_LIMITED | OVERLOADED
   * @throws ImageRejected IMAGE_TOO_LARGE
   */
  async receive<T>(
    request: FastifyRequest & { user?: Principal },
    use: (form: MultipartForm) => Promise<T>,
  ): Promise<T> {
    const letGo = this.concurrent.hold('uploads', request.user?.userId ?? request.ip);
    const share = this.memory.share();
    try {
      return await use(await readMultipartForm(request, this.limits, share));
    } finally {
      share.release();
      letGo();
    }
  }
}
