import { Injectable, Logger } from '@nestjs/common';
import { type CallContext, InferenceError } from '../../inference/inference.js';
import { CustomStylesRepository } from '../custom-styles.repository.js';
import { type EncodedStyle, EncodeStyle } from './encode-style.js';
import { StyleFiles } from '../style-files.js';
import { styleOutdated } from '../custom-style.js';

/** Code and preview of a style made anew of its kept picture, by the model of now. */
@Injectable()
export class RenewStyle {
  private readonly logger = new Logger(RenewStyle.name);

  constructor(
    private readonly styles: CustomStylesRepository,
    private readonly encoding: EncodeStyle,
    private readonly files: StyleFiles,
  ) {}

  /**
   * Free, and harmless when it is done twice, at once, or only in part: code and model are written
   * together, and last.
   *
   * @throws InferenceError `unavailable` | `mismatch` | `failed`
   * @throws DomainError STYLE_OUTDATED | STORAGE_FULL | STORAGE_UNAVAILABLE
   */
  async renew(id: string, context: CallContext): Promise<void> {
    const picture = await this.files.picture(id);
    if (!picture) throw styleOutdated(id);
    const { preview, ...code } = await this.encode(id, picture, context);
    await this.files.putPreview(id, preview);
    // Deleted meanwhile, perhaps before the preview was stored.
    if (!(await this.styles.renew(id, code))) await this.files.delete(id);
    this.logger.log(`style ${id} was encoded anew by model ${code.model}`);
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
