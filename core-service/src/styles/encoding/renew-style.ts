import { Injectable, Logger } from '@nestjs/common';
import { type CallContext, InferenceError } from '../../inference/inference.js';
import { CustomStylesRepository } from '../custom-styles.repository.js';
import { type EncodedStyle, EncodeStyle } from './encode-style.js';
import { StyleFiles } from '../style-files.js';
import { styleOutdated } from '../custom-style.js';

/** Makes code and preview of a style again, from its stored image and with the current model. */
@Injectable()
export class RenewStyle {
  private readonly logger = new Logger(RenewStyle.name);

  constructor(
    private readonly styles: CustomStylesRepository,
    private readonly encoding: EncodeStyle,
    private readonly files: StyleFiles,
  ) {}

  /**
   * Free, and safe to do twice, concurrently or partly: code and model are written together and last.
   *
   * @throws InferenceError `unavailable` | `mismatch` | `failed`
   * @throws DomainError STYLE_OUTDATED | STORAGE_FULL | STORAGE_UNAVAILABLE
   */
  async renew(id: string, context: CallContext): Promise<void> {
    const picture = await this.files.picture(id);
    if (!picture) throw styleOutdated(id);
    const { preview, ...code } = await this.encode(id, picture, context);
    await this.files.putPreview(id, preview);
    // It was deleted in between, perhaps before the preview was stored.
    if (!(await this.styles.renew(id, code))) await this.files.delete(id);
    this.logger.log(`style ${id} was encoded again by model ${code.model}`);
  }

  private async encode(id: string, picture: Buffer, context: CallContext): Promise<EncodedStyle> {
    try {
      return await this.encoding.encodeOnce(picture, context);
    } catch (error) {
      if (error instanceof InferenceError && error.kind === 'rejected')
        throw styleOutdated(id, error);
      throw error;
    }
  }
}
