import { Inject, Injectable } from '@nestjs/common';
import type { ImageLimits } from '@stylizer/common';
import type { FastifyRequest } from 'fastify';
import { invalid } from '../common/domain-error.js';
import type { Principal } from '../common/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { ConcurrentRequests } from '../limits/concurrent-requests.js';
import { FetchImage } from './fetch-image.js';
import { readMultipartForm } from './multipart-form.js';
import { UploadMemory, type UploadShare } from './upload-memory.js';
import { sentImage, type UploadedImage } from './uploaded-image.js';

export interface UploadForm {
  image: UploadedImage;
  /** The other text parts by name, in the order sent. */
  fields: Map<string, string[]>;
}

/** Receives images from clients, within the limits on bytes, pixels and memory. */
@Injectable()
export class Uploads {
  readonly limits: ImageLimits;

  constructor(
    private readonly memory: UploadMemory,
    private readonly concurrent: ConcurrentRequests,
    private readonly fetchImage: FetchImage,
    @Inject(CONFIG) config: Pick<Config, 'MAX_IMAGE_BYTES' | 'MAX_IMAGE_PIXELS'>,
  ) {
    this.limits = { maxBytes: config.MAX_IMAGE_BYTES, maxPixels: config.MAX_IMAGE_PIXELS };
  }

  /**
   * Counts the upload against the memory for uploads while `use` works on it: what `use` returns must
   * keep nothing of the form. An image named by its URL is fetched when `use` asks for its bytes.
   *
   * @throws DomainError VALIDATION_FAILED | RATE_LIMITED | OVERLOADED
   * @throws ImageRejected IMAGE_TOO_LARGE
   */
  async receive<T>(
    request: FastifyRequest & { user?: Principal },
    use: (form: UploadForm) => Promise<T>,
  ): Promise<T> {
    const letGo = this.concurrent.hold('uploads', request.user?.userId ?? request.ip);
    const share = this.memory.share();
    try {
      const { image, fields } = await readMultipartForm(request, this.limits, share);
      const urls = fields.get('imageUrl')?.filter(Boolean) ?? [];
      fields.delete('imageUrl');
      return await use({ image: image ? sentImage(image) : this.named(urls, share), fields });
    } finally {
      share.release();
      letGo();
    }
  }

  private named([url = '', ...more]: string[], share: UploadShare): UploadedImage {
    if (more.length > 0) throw invalid('imageUrl', 'was sent twice');
    return {
      identity: Buffer.from(`imageUrl\0${url}`),
      bytes: () => this.fetchImage.fetch(url, this.limits, share),
    };
  }
}
