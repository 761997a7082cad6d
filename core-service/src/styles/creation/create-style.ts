import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import type { Principal } from '../../common/principal.js';
import type { Bind } from '../../idempotency/idempotency.js';
import type { CustomStyle } from '../custom-style.js';
import { EncodeStyle } from '../encoding/encode-style.js';
import { StyleFiles } from '../style-files.js';
import { type BegunStyle, StyleLifecycle } from '../style-lifecycle.js';

export interface StyleRequest {
  principal: Principal;
  name: string;
  /** JPEG, normalised. */
  picture: Buffer;
  requestId: string;
  traceparent: string;
}

/** Hold, encode, preview, store, settle; on any failure, release. */
@Injectable()
export class CreateStyle {
  private readonly logger = new Logger(CreateStyle.name);

  constructor(
    private readonly lifecycle: StyleLifecycle,
    private readonly encoding: EncodeStyle,
    private readonly files: StyleFiles,
  ) {}

  /**
   * @param bind part of the transaction that completes it
   * @throws DomainError STYLE_QUOTA_EXCEEDED | INSUFFICIENT_TOKENS | INFERENCE_UNAVAILABLE |
   *   STORAGE_FULL | STORAGE_UNAVAILABLE
   * @throws ImageRejected
   */
  async create(
    { principal, name, picture, ...trace }: StyleRequest,
    bind: Bind,
  ): Promise<BegunStyle> {
    const begun = await this.lifecycle.begin(principal, name);
    try {
      const { preview, ...code } = await this.encoding.encode(picture, trace);
      await this.files.putPicture(begun.style.id, picture);
      await this.files.putPreview(begun.style.id, preview);
      if (await this.lifecycle.complete(begun.style, code, bind)) return begun;
    } catch (error) {
      await this.abandon(begun.style);
      throw error;
    }
    // The housekeeping failed it in between, perhaps before its files were stored.
    await this.files.delete(begun.style.id);
    throw new DomainError(
      'INFERENCE_UNAVAILABLE',
      'Creating the style took too long. The tokens were refunded; try again.',
      { retryAfterSeconds: 10 },
    );
  }

  /** Leaves its own failures to the housekeeping, because the caller needs the first error. */
  private async abandon(style: CustomStyle): Promise<void> {
    try {
      if (await this.lifecycle.fail(style)) await this.files.delete(style.id);
    } catch (error) {
      this.logger.error(error);
    }
  }
}
